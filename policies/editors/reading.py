"""What a form edits as JSON stands in words where a page is only read."""

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe


class ReadInWords:
    """Mixed into an admin or an inline: `in_words` names, by field, the display that readers get."""

    in_words: dict[str, str] = {}

    def _is_read(self, request: HttpRequest, obj: Any) -> bool:
        return obj is not None and not self.has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = list(super().get_fields(request, obj))
        if not self._is_read(request, obj):
            return names
        # Read-only fields come once more at the end.
        names = [name for name in names if name not in self.in_words.values()]
        return [self.in_words.get(name, name) for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = list(super().get_readonly_fields(request, obj))
        return [*own, *self.in_words.values()] if self._is_read(request, obj) else own


def in_lines(texts: Any) -> str:
    return format_html_join(mark_safe("<br>"), "{}", [(text,) for text in texts or ()]) or "—"
