"""Database triggers of this app: what was submitted, said and done stays as it was."""

from applications.guards import (
    application,
    exports,
    files,
    messages,
    notices,
    profiles,
    sheet_imports,
)

GUARDS = (
    *application.GUARDS,
    *exports.GUARDS,
    *files.GUARDS,
    *messages.GUARDS,
    *notices.GUARDS,
    *profiles.GUARDS,
    *sheet_imports.GUARDS,
)
