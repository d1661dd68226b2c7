"""Answers as JSON text: one object or a list of them, numbers exact."""

import json
from decimal import Decimal
from typing import Any

MOST_DOCUMENTS = 5000


class AnswerDocumentError(Exception):
    """Text that is no answer document; one Chinese line per problem."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_documents(content: bytes | str) -> tuple[list[dict[str, Any]], bool]:
    """The answer objects, and whether they came as a list."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        raise AnswerDocumentError("填报数据：编码错误，应为 UTF-8 的 JSON") from error
    repeated: list[str] = []

    def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                repeated.append(f"{key}：{value}，每个指标只应填写一次")
            found[key] = value
        return found

    def no_number(name: str) -> Any:
        raise AnswerDocumentError(f"填报数据：{name}，应为普通数字")

    try:
        document = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_integer,
            parse_constant=no_number,
            object_pairs_hook=as_object,
        )
    except json.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 列"
        raise AnswerDocumentError(f"填报数据：{place}有误，应为合法的 JSON") from error
    except RecursionError as error:
        raise AnswerDocumentError("填报数据：嵌套太深，应为一个 JSON 对象") from error
    if repeated:
        raise AnswerDocumentError(*repeated)
    is_list = isinstance(document, list)
    documents = document if is_list else [document]
    if len(documents) > MOST_DOCUMENTS:
        raise AnswerDocumentError(f"填报数据：{len(documents)} 份，应不超过 {MOST_DOCUMENTS} 份")
    wrong = [
        f"第 {index + 1} 份：{str(each)[:40]}，应为 JSON 对象"
        for index, each in enumerate(documents)
        if not isinstance(each, dict)
    ]
    if wrong:
        raise AnswerDocumentError(*wrong)
    return documents, is_list


def _integer(text: str) -> int | Decimal:
    # Python refuses to convert integers of thousands of digits; Decimal does not.
    return int(text) if len(text) <= 30 else Decimal(text)
