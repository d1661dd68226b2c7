"""Database triggers of this app: what was submitted, said and done stays as it was."""

from applications.guards import application, files, messages

GUARDS = (*application.GUARDS, *files.GUARDS, *messages.GUARDS)
