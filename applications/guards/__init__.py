"""Database triggers of this app: what was submitted, said and done stays as it was."""

from applications.guards import (
    application,
    awards,
    files,
    judgement,
    messages,
    notices,
    profiles,
)

GUARDS = (
    *application.GUARDS,
    *awards.GUARDS,
    *files.GUARDS,
    *judgement.GUARDS,
    *messages.GUARDS,
    *notices.GUARDS,
    *profiles.GUARDS,
)
