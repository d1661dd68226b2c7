"""Reading YAML so that every mapping and list still knows the file and line it came from."""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from policies.catalogue.packs.problem import PackError, Problem

MERGE = "tag:yaml.org,2002:merge"
# A catalogue of hundreds of programmes has some hundred thousand values; what repeats itself by
# references grows beyond all measure.
MOST_VALUES = 300_000
DEEPEST = 60
TOO_MANY = "内容太多（引用反复展开也算），应分成几份"
TOO_DEEP = f"应不超过 {DEEPEST} 层"
NO_VALUE = "应为文字、数字、true、false 或 null；文字里有特别的符号请加引号"
# What the parser says, and what is to be done about it.
WRONG = {
    "did not find expected ',' or ']'": "这里或前面少了逗号或 ]",
    "did not find expected ',' or '}'": "这里或前面少了逗号或 }",
    "could not find expected ':'": "这里或上一行少了冒号和空格，或者引号没有成对",
    "mapping values are not allowed": "多了一个冒号：含冒号的文字请加引号，每个键另起一行并对齐",
    "cannot start any token": "不能用这个符号开头：请加引号，缩进不要用制表符",
    "unexpected end of stream": "引号没有成对",
    "did not find expected key": "缩进没有对齐，或者引号没有成对",
    "did not find expected '-' indicator": "列表的 - 没有对齐",
    "undefined alias": "*后面的名称没有用 & 定义过",
    "did not find expected <document start>": "一个文件只写一份内容",
    "block sequence entries are not allowed": "列表的 - 应另起一行",
}


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
    except FileNotFoundError as error:
        raise PackError([Problem(shown_as, 1, "", "缺少这个文件")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([Problem(shown_as, 1, "", "应为可读的 UTF-8 文件")]) from error
    return parse_yaml(text, shown_as)


def parse_yaml(text: str, shown_as: str) -> Any:
    """The same of what was read already."""
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        raise PackError([Problem(shown_as, 1, "", "应为文字：里面有不能显示的字符")]) from error
    try:
        node = loader.get_single_node()
        return None if node is None else _Builder(loader, shown_as).build(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        told = f"应为合法的 YAML：{_in_chinese(getattr(error, 'problem', None) or '')}"
        raise PackError([Problem(shown_as, line, "", told)]) from error
    except RecursionError as error:
        raise PackError([Problem(shown_as, 1, "", TOO_DEEP)]) from error
    finally:
        loader.dispose()


def _in_chinese(problem: str) -> str:
    return next((told for words, told in WRONG.items() if words in problem), "格式错误")


class _Builder:
    def __init__(self, loader: yaml.SafeLoader, file: str) -> None:
        self.loader, self.file = loader, file
        self.values = self.depth = 0

    def build(self, node: yaml.Node) -> Any:
        """What is referred to is built anew each time, so that it is counted each time."""
        self.values += 1
        if self.values > MOST_VALUES or self.depth >= DEEPEST:
            self._refuse(node, TOO_DEEP if self.depth >= DEEPEST else TOO_MANY)
        self.depth += 1
        if isinstance(node, yaml.MappingNode):
            found = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode):
            found = self._sequence(node)
        else:
            found = self._scalar(node)
        self.depth -= 1
        return found

    def _refuse(self, node: yaml.Node, expected: str, key: str = "") -> None:
        raise PackError([Problem(self.file, node.start_mark.line + 1, key, expected)])

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            value = self.loader.construct_object(node)
        except ValueError:  # such as a number of thousands of digits
            value = node
        is_number = isinstance(value, int | float) and math.isfinite(value)
        if not (value is None or is_number or isinstance(value, str)):
            self._refuse(node, NO_VALUE)
        return value

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
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
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
