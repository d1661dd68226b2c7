"""Reading YAML so that every mapping and list still knows the file and line it came from."""

import re
from pathlib import Path
from typing import Any

import yaml

from policies.catalogue.packs.problem import PackError, Problem

MERGE = "tag:yaml.org,2002:merge"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Dates stay text, only true and false are yes and no; libyaml reads much faster."""


# What is no text where it stands without quotes, by its first letter.
RESOLVERS = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _word in ("true", "false"):
    RESOLVERS.setdefault(_word[0], []).append(
        ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"))
    )
_Loader.yaml_implicit_resolvers = RESOLVERS


class Mapping(dict):
    """A mapping with the file and line it stands on, and the line of each key."""

    file: str
    line: int
    lines: dict[str, int]


class Sequence(list):
    """A list with the file and line it stands on, and the line of each item."""

    file: str
    line: int
    lines: list[int]


def read_yaml(path: Path, shown_as: str) -> Any:
    """The document in `path`; raises PackError naming the line of what is not YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([Problem(shown_as, 1, "", "应为可读的 UTF-8 文件")]) from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _Builder(loader, shown_as).build(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or "格式错误"
        raise PackError([Problem(shown_as, line, "", f"应为合法的 YAML（{what}）")]) from error
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self.loader, self.file = loader, file

    def build(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node)
        return self.loader.construct_object(node)

    def _sequence(self, node: yaml.SequenceNode) -> Sequence:
        items = Sequence(self.build(item) for item in node.value)
        items.file, items.line = self.file, node.start_mark.line + 1
        items.lines = [item.start_mark.line + 1 for item in node.value]
        return items

    def _mapping(self, node: yaml.MappingNode) -> Mapping:
        mapping = Mapping()
        mapping.file, mapping.line, mapping.lines = self.file, node.start_mark.line + 1, {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == MERGE:
                self._merge(mapping, value_node, line)
                continue
            key = self.loader.construct_object(key_node)
            if not isinstance(key, str):
                raise PackError([Problem(self.file, line, str(key), "键应为文字，代码请加引号")])
            if key in mapping and mapping.lines[key] > 0:
                raise PackError([Problem(self.file, line, key, "不应重复出现")])
            mapping[key], mapping.lines[key] = self.build(value_node), line
        mapping.lines = {key: abs(line) for key, line in mapping.lines.items()}
        return mapping

    def _merge(self, mapping: Mapping, node: yaml.Node, line: int) -> None:
        """Copy what `<<` points to; a negative line marks a key that may be overridden."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            merged = self.build(source)
            if not isinstance(merged, Mapping):
                raise PackError([Problem(self.file, line, "<<", "应指向一个映射")])
            for key, value in merged.items():
                if key not in mapping:
                    mapping[key], mapping.lines[key] = value, -line
