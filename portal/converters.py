"""Path converters: addresses that cannot exist are not found before any query."""


class TokenConverter:
    """A secret of secrets.token_urlsafe."""

    regex = "[A-Za-z0-9_-]{20,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
