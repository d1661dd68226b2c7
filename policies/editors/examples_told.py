"""What the pages of editors say of a draft's examples: which come out otherwise, what none tries."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest

from policies.catalogue.models import Edition
from policies.catalogue.readiness import ReadEdition, example_place

# Of a long list the first are told, and how many there are.
MOST_TOLD = 5
ALL_HOLD = "例子都算过了，和预期一致。"


@dataclass(frozen=True)
class Told:
    """`failing` are rows of examples with their row's id, `untried` what no example exercises."""

    failing: list[tuple[int, str]] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    fault: str = ""


def read_once(request: HttpRequest, draft: Edition) -> ReadEdition:
    """The draft as it stands, read once for all that one page says of its examples."""
    found = getattr(request, "examples_read", None)
    if found is None or found.row.pk != draft.pk:
        found = request.examples_read = ReadEdition.of(draft)
    return found


def told_of(request: HttpRequest, draft: Edition) -> Told:
    """Everything at once, for the draft's own page."""
    read = read_once(request, draft)
    if read.rules.fault:
        return Told(fault=read.rules.fault)
    failing = [
        (example.pk, f"{example_place(example, fault)}：{fault.in_words}")
        for example, fault in read.faults
    ]
    # One line for what several criteria lack alike.
    owners: dict[str, list[str]] = {}
    for gap in read.gaps:
        name, _ = read.owner(gap)
        owners.setdefault(gap.told, []).append(name)
    return Told(failing, [f"{'、'.join(names)}：{told}" for told, names in owners.items()])


def tell_of_examples(request: HttpRequest, draft: Edition) -> None:
    """Say after a part of a draft was saved which of its examples come out otherwise now."""
    read = ReadEdition.of(draft)
    if read.rules.fault or not read.examples:
        return
    lines = [f"{example_place(example, fault)}：{fault.in_words}" for example, fault in read.faults]
    if not lines:
        messages.success(request, ALL_HOLD)
        return
    more = f"；还有 {len(lines) - MOST_TOLD} 行" if len(lines) > MOST_TOLD else ""
    told = "；".join(lines[:MOST_TOLD])
    messages.warning(request, f"有 {len(lines)} 行例子算出来和预期不一样：{told}{more}。")
