"""What goes wrong with an application."""


class ApplicationError(Exception):
    """An action that cannot be done; the message says why, in Chinese.

    `field` names the entry that it is about, where it is about one.
    """

    field = ""
