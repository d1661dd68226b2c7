"""Database triggers of this app: what was submitted, said and done stays as it was."""

from applications.guards import (
    application,
    awards,
    exports,
    files,
    judgement,
    messages,
    notices,
    profiles,
    sheet_imports,
)

GUARDS = (
    *application.GUARDS,
    *awards.GUARDS,
    *exports.GUARDS,
    *files.GUARDS,
    *judgement.GUARDS,
    *messages.GUARDS,
    *notices.GUARDS,
    *profiles.GUARDS,
    *sheet_imports.GUARDS,
)
