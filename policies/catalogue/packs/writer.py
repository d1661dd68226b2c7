"""Writing packs as people would: a row a line, keys in the order of the schema, Chinese as it is."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from policies.catalogue.packs.reader import RESOLVERS
from policies.catalogue.packs.schema import Shape

WIDE = 1_000_000  # a row stays on its line
# What another reader of YAML could take for something else than text: 'N', '1e3', '10-08', '0x1F'.
MISTAKEN = re.compile(
    r"[yn]|yes|no|on|off|true|false|null|~|[-+]?[\d.][\d_,.:]*(e[-+]?\d+)?|\d\d-\d\d|0[box][\da-f_]+",
    re.IGNORECASE,
)


class Line(dict):
    """A row that stands on one line, with all that is in it."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):
    """Writes what `reader` takes for the same; nothing is written as a reference to elsewhere."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.yaml_implicit_resolvers = RESOLVERS


def _text(dumper: Any, value: str) -> yaml.Node:
    style = '"' if "\n" in value else "'" if MISTAKEN.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _number(dumper: Any, value: float | Decimal) -> yaml.Node:
    """Never as 1e-06; a database pads what it keeps with a fixed number of decimals."""
    exact = value.normalize() if isinstance(value, Decimal) else Decimal(str(value))
    written = f"{exact:f}"
    kind = "float" if "." in written else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", written)


def _line(dumper: Any, value: Line) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value.items(), flow_style=True)


def _list(dumper: Any, value: list[Any]) -> yaml.Node:
    has_rows = any(isinstance(item, dict) for item in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=not has_rows)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(Line, _line)
_Dumper.add_representer(list, _list)


def written(document: Mapping[str, Any], about: str = "") -> str:
    """The text of a file that holds `document`, under a comment that says what it is."""
    text = yaml.dump(
        document,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=WIDE,
    )
    return f"# {about}\n{text}" if about else text


def in_order(shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the order of the shape, without what is empty and need not be said."""
    return {
        name: values[name]
        for name, rule in shape.items()
        if name in values and (rule.required or not _is_empty(values[name]))
    }


def line(shape: Shape, values: Mapping[str, Any]) -> Line:
    """The same on one line."""
    return Line(in_order(shape, values))


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})
