"""What goes wrong with an application."""


class ApplicationError(Exception):
    """An action that cannot be done; the message says why, in Chinese."""
