"""The examples of an edition: firms beside its limits, and what comes out of it for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.answers import AnswersError, parse_answers
from policies.rules.assessment import assess_edition, plain_values
from policies.rules.edition import Edition
from policies.rules.explanation import level_fields
from policies.rules.facts import Fact, plain
from policies.rules.firm import Firm

Facts = Mapping[str, Fact]
Example = Mapping[str, Any]

PAIRS = ("now", "later", "total", "amount")
NUMBERS = ("headline", "fee_cap", "price_cut")
OUTCOME_WORDS = {
    "met": "符合",
    "not_met": "不符合",
    "unknown": "资料不足或未定",
    "not_applicable": "不适用",
    "manual": "人工判断",
}
STATUS_WORDS = {
    "published": "金额已公布",
    "unpublished": "金额未公布",
    "none_listed": "文件未列此级",
    "to_verify": "待核实",
    "unknown": "资料不足，暂不能算",
}
MONEY_WORDS = {
    "now": "现在给",
    "later": "以后给",
    "total": "合计",
    "amount": "待核实的金额",
    "headline": "先显示的金额",
    "fee_cap": "费率上限",
    "price_cut": "减免比例",
    "undecided": "是否给付未定",
    "status": "状态",
}
# What a level pays where a row does not say: the only figure of `amount` is yet to be verified.
PUBLISHED, TO_VERIFY = "published", "to_verify"


@dataclass(frozen=True)
class Fault:
    """`place` is the name of the list and the number of its row; None for the firm itself.

    The `message` names codes as a pack writes them, `in_words` is what an editor reads.
    """

    place: tuple[str, int] | None
    message: str
    in_words: str


@dataclass(frozen=True)
class Tried:
    """A row of an example with the firm that it speaks of, None where its answers are refused."""

    place: tuple[str, int]
    row: Mapping[str, Any]
    firm: Firm | None
    refusal: AnswersError | None = None


def firm_of(example: Example, facts: Facts) -> Firm:
    """The firm without the answers of any row; raises AnswersError."""
    on = date.fromisoformat(example["on"])
    return Firm(parse_answers(example["firm"], facts, on), on)


def tried_rows(example: Example, facts: Facts) -> Iterator[Tried]:
    """Every row of an example whose own firm is sound."""
    on = date.fromisoformat(example["on"])
    for name in ("criteria", "money"):
        for index, row in enumerate(example.get(name) or ()):
            try:
                firm = Firm(parse_answers(_answers(example["firm"], row), facts, on), on)
            except AnswersError as error:
                yield Tried((name, index), row, None, error)
            else:
                yield Tried((name, index), row, firm)


def faults_of(example: Example, edition: Edition, facts: Facts) -> Iterator[Fault]:
    """Where the edition says otherwise than `example`: {on, firm, criteria, money}.

    A row of `criteria` says what `code` is for the firm with the answers of `with` instead, a row
    of `money` what `level` pays it: pairs of 万元 or one figure; null takes an answer away.
    """
    try:
        firm_of(example, facts)
    except AnswersError as error:
        yield Fault(None, str(error), _refused(error, facts))
        return
    for tried in tried_rows(example, facts):
        if tried.refusal is not None:
            yield Fault(tried.place, str(tried.refusal), _refused(tried.refusal, facts))
            continue
        told = _outcome if tried.place[0] == "criteria" else _money
        if wrong := told(tried.row, edition, tried.firm):
            yield Fault(tried.place, *wrong)


def _refused(error: AnswersError, facts: Facts) -> str:
    """Which answers do not fit, by what the questions are called."""
    return "；".join(
        f"{facts[each.key].label if each.key in facts else each.key}：{each.expected}"
        for each in error.problems
    )


def firms_of(examples: Iterable[Example], facts: Facts) -> Iterator[Firm]:
    """The firms of examples, with the answers of each row instead; what cannot be read is passed over,
    as `faults_of` tells it."""
    for example in examples:
        on = date.fromisoformat(example["on"])
        rows = [{}, *(example.get("criteria") or ()), *(example.get("money") or ())]
        for row in rows:
            try:
                yield Firm(parse_answers(_answers(example["firm"], row), facts, on), on)
            except AnswersError:
                continue


def _answers(firm: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    answers = {**firm, **(row.get("with") or {})}
    return {key: value for key, value in answers.items() if value is not None}


def outcomes_of(edition: Edition, firm: Firm) -> dict[str, str]:
    """By code what comes out for the firm; elsewhere than in its area only the area's criteria."""
    return {row["id"]: str(row["outcome"]) for row in assess_edition(edition, firm)["criteria"]}


Wrong = tuple[str, str] | None  # as codes and in words


def _outcome(row: Mapping[str, Any], edition: Edition, firm: Firm) -> Wrong:
    code = row["code"]
    is_now = outcomes_of(edition, firm).get(code)
    if is_now is None:
        told = f"没有条件 {code}"
        return told, f"{told}，或企业不在适用地区，算不到它"
    if is_now == row["is"]:
        return None
    return (
        f"例子写 {code} 为 {row['is']}，算出来是 {is_now}",
        f"例子写“{OUTCOME_WORDS[row['is']]}”，算出来是“{OUTCOME_WORDS[is_now]}”",
    )


def _money(row: Mapping[str, Any], edition: Edition, firm: Firm) -> Wrong:
    level = edition.levels.get(row["level"])
    if level is None:
        return f"没有 {row['level']} 的奖补", "这个版本没有这一级的奖补"
    fields = level_fields(level.pay(firm), firm)
    expected: dict[str, Any] = {name: _pair(row[name]) for name in PAIRS if name in row}
    expected |= {name: Decimal(str(row[name])) for name in NUMBERS if name in row}
    expected |= {"undecided": row.get("undecided", False), "status": row.get("status", PUBLISHED)}
    found = {name: fields.get(name, False) for name in expected}
    if "amount" in row:
        expected["status"] = row.get("status", TO_VERIFY)
    wrong = {name: (value, found[name]) for name, value in expected.items() if found[name] != value}
    if not wrong:
        return None
    return (
        "；".join(
            f"例子写 {row['level']} {name} 为 {_shown(own)}，算出来是 {_shown(now)}"
            for name, (own, now) in wrong.items()
        ),
        "；".join(
            f"{MONEY_WORDS[name]}：例子写“{_said(name, own)}”，算出来是“{_said(name, now)}”"
            for name, (own, now) in wrong.items()
        ),
    )


def _pair(value: Any) -> list[Decimal | None]:
    ends = value if isinstance(value, list) else [value, value]
    return [None if end is None else Decimal(str(end)) for end in ends]


def _shown(value: Any) -> str:
    return "、".join(str(end) for end in value) if isinstance(value, list) else str(value)


def _said(name: str, value: Any) -> str:
    if name == "status":
        return STATUS_WORDS.get(value, str(value))
    if name == "undecided":
        return "是" if value else "否"
    if value is False:
        return "没有"
    if isinstance(value, list):
        low, high = value
        if low == high:
            return f"{plain(low)} 万元"
        return f"{plain(low)} 万元以上" if high is None else f"{plain(low)} 至 {plain(high)} 万元"
    return f"{plain(value)} 万元" if name == "headline" else f"{plain(value * 100)}%"


# --- what comes out ---------------------------------------------------------------------


def expected_of(example: Example, edition: Edition, facts: Facts) -> dict[str, list[Any]]:
    """The rows of `criteria` and `money` with what comes out, and one for each criterion that an
    answer decides and each level that has none yet; raises AnswersError.
    """
    firm = firm_of(example, facts)
    found: dict[str, list[Any]] = {"criteria": [], "money": []}
    for tried in tried_rows(example, facts):
        if tried.firm is None:
            found[tried.place[0]].append(dict(tried.row))
        elif tried.place[0] == "criteria":
            code = tried.row["code"]
            is_now = outcomes_of(edition, tried.firm).get(code, tried.row["is"])
            found["criteria"].append({**tried.row, "is": is_now})
        else:
            found["money"].append(_paid(tried.row["level"], tried.row, edition, tried.firm))
    told = {row["code"] for row in found["criteria"]}
    found["criteria"] += [
        {"code": code, "is": outcome}
        for code, outcome in outcomes_of(edition, firm).items()
        if code not in told and outcome != "manual"
    ]
    told = {row["level"] for row in found["money"]}
    found["money"] += [
        _paid(level, {"level": level}, edition, firm)
        for level in edition.levels
        if level not in told
    ]
    return found


def _paid(level: str, row: Mapping[str, Any], edition: Edition, firm: Firm) -> Mapping[str, Any]:
    """A row of `money` that says what comes out; of a level that the edition has no more, as it was."""
    if level not in edition.levels:
        return row
    own = {name: row[name] for name in ("level", "with") if name in row}
    fields = plain_values(level_fields(edition.levels[level].pay(firm), firm))
    if fields["status"] not in (PUBLISHED, TO_VERIFY):
        own["status"] = fields["status"]
    own |= {name: _short(fields[name]) for name in PAIRS if name in fields}
    own |= {name: fields[name] for name in NUMBERS if name in fields}
    return own | ({"undecided": True} if fields.get("undecided") else {})


def _short(pair: list[Any]) -> Any:
    """One figure where both ends are the same."""
    low, high = pair
    return low if low == high else [low, high]
