"""What a browser sends of a form, read from the page as it was served."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.sent, self.buttons = [], []
        self._select = self._options = self._textarea = None
        self._text = ""

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        name = own.get("name")
        if tag == "input" and name and "disabled" not in own:
            kind = own.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in own:
                    self.sent.append((name, own.get("value", "on")))
            elif kind not in ("submit", "button", "file", "image"):
                self.sent.append((name, own.get("value") or ""))
        elif tag == "select":
            self._select, self._options = own, []
        elif tag == "option" and self._select is not None:
            self._options.append((own.get("value", ""), "selected" in own))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "button" and name:
            self.buttons.append((name, own.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "select" and self._select is not None:
            name = self._select.get("name")
            chosen = [value for value, is_chosen in self._options if is_chosen]
            if not chosen and "multiple" not in self._select:
                chosen = [value for value, _ in self._options[:1]]
            self.sent += [(name, value) for value in chosen if name]
            self._select = None
        elif tag == "textarea" and self._textarea:
            # A line break right after the tag is none of the text.
            text = self._text.removeprefix("\n")
            self.sent.append((self._textarea, text.replace("\n", "\r\n")))
            self._textarea = None

    def handle_data(self, text):
        if self._textarea:
            self._text += text


def read_form(html):
    fields = _Fields()
    fields.feed(html)
    return fields


def sent(html):
    """All fields of the page, several of a name in a list."""
    found = {}
    for name, value in read_form(html).sent:
        found.setdefault(name, []).append(value)
    return found


def buttons(html):
    """Names and values of the buttons."""
    return read_form(html).buttons


def as_post(fields):
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        data.setlist(name, values)
    return data


def posted_back(field, value, name="rule", **changes):
    """What the field's widget makes of its own page, as sent back with changes."""
    fields = sent(field.widget.render(name, value))
    for key, changed in changes.items():
        fields[key] = changed if isinstance(changed, list) else [changed]
    return field.widget.value_from_datadict(as_post(fields), {}, name)
