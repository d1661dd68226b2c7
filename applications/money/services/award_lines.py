"""Award lines are made at recognition: what the documents promise a case, and who pays it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.cases.models import Application
from applications.money.models import AwardEvent, AwardLine, Fund, FundPart
from applications.money.models.money_field import to_fen
from policies.catalogue.models import Award
from policies.catalogue.models.award import Level
from portal.models import Jurisdiction

Action, State, Kind = AwardEvent.Action, AwardLine.State, AwardLine.Kind

# A level without tranches still has its line; these are the states in which it is open.
WITHOUT_TRANCHES = "未分期"
OPEN_LEVELS = ("unpublished", "to_verify", "unknown")


def make_lines(
    applications: Iterable[Application], *, actor: Any, now: datetime
) -> list[AwardLine]:
    """The lines of cases that are recognised now, by the assessment that each was pinned with.

    Called once a case, in the transaction of its recognition.
    """
    places = {place.code: place for place in Jurisdiction.objects.select_related("parent__parent")}
    funds = list(Fund.objects.prefetch_related("programmes", "parts__programmes"))
    cases = list(applications)
    marked = Award.objects.filter(edition__in={case.edition_id for case in cases})
    same_money = {
        (award.edition_id, award.level): award.same_money
        for award in marked.exclude(same_money="").only("edition", "level", "same_money")
    }
    lines = []
    for application in cases:
        own = _lines_of(application, places, same_money)
        for line in own:
            line.fund, line.part = _only_fund(line, funds, places)
        lines += own
    AwardLine.objects.bulk_create(lines)
    AwardEvent.objects.bulk_create(
        AwardEvent(line=line, at=now, actor=actor, action=Action.PREPARE, target=State.PREPARED)
        for line in lines
    )
    return lines


def _lines_of(
    application: Application,
    places: Mapping[str, Jurisdiction],
    same_money: Mapping[tuple[int, str], str],
) -> list[AwardLine]:
    levels = application.assessment["awards"]
    lines: list[AwardLine] = []
    rows = [row for row in application.assessment["tranches"] if not _is_nothing(row["amount"])]
    listed = {row["level"] for row in application.assessment["tranches"]}
    rows += [
        {"level": level, "status": fields["status"], "amount": fields.get("amount")}
        for level, fields in levels.items()
        if level not in listed and fields["status"] in OPEN_LEVELS
    ]
    used: dict[tuple[str, str], int] = {}
    for row in rows:
        payer = _payer(row, application, places)
        key = row["level"], payer.code
        used[key] = used.get(key, 0) + 1
        is_undecided = bool(levels.get(row["level"], {}).get("undecided"))
        kind, low, high = _printed(row, is_undecided=is_undecided)
        lines.append(
            AwardLine(
                application=application,
                level=row["level"],
                payer=payer,
                position=used[key],
                title=row.get("title") or WITHOUT_TRANCHES,
                year=row.get("year"),
                kind=kind,
                low=low,
                high=high,
                amount=low if kind == Kind.EXACT else None,
                condition=row.get("condition") or "",
                sources="；".join(
                    f"{source['document']} {source['clause']}".strip()
                    for source in row.get("sources", ())
                ),
                same_money=same_money.get((application.edition_id, row["level"]), ""),
            )
        )
    return lines


def _is_nothing(amount: Any) -> bool:
    """Whether the most that can be paid is less than a 分."""
    return bool(amount) and amount[1] is not None and not to_fen(amount[1])


def _printed(
    row: Mapping[str, Any], *, is_undecided: bool
) -> tuple[str, Decimal | None, Decimal | None]:
    """How the documents print the amount: its kind, and its limits in 万元."""
    low, high = (
        None if limit is None else to_fen(limit) for limit in row["amount"] or (None, None)
    )
    if row["status"] == "unpublished":
        return Kind.UNPUBLISHED, None, None
    if row["status"] != "published":
        return Kind.TO_SET, low, high
    if is_undecided:
        return Kind.RANGE, Decimal(0), high
    return (Kind.EXACT if low == high else Kind.RANGE), low, high


def _payer(
    row: Mapping[str, Any], application: Application, places: Mapping[str, Jurisdiction]
) -> Jurisdiction:
    """The place whose money it is; where a document names none, the firm's own at that level."""
    if row.get("payer"):
        return places[row["payer"]]
    wanted = {Level.NATIONAL: "nation", Level.LOCAL: "county"}.get(row["level"], row["level"])
    place = places[application.county_id]
    while place.level != wanted and place.parent_id:
        place = places[place.parent_id]
    return place


def _only_fund(
    line: AwardLine, funds: Iterable[Fund], places: Mapping[str, Jurisdiction]
) -> tuple[Fund | None, FundPart | None]:
    """The one fund that is for this programme, level and place; staff choose among several."""
    programme = line.application.edition.programme_id
    found = []
    for fund in funds:
        if fund.level != line.level or not _holds(fund, line.application.county_id, places):
            continue
        parts = [
            part
            for part in fund.parts.all()
            if programme in {each.pk for each in part.programmes.all()}
        ]
        if parts or programme in {each.pk for each in fund.programmes.all()}:
            found.append((fund, parts[0] if len(parts) == 1 else None))
    return found[0] if len(found) == 1 else (None, None)


def _holds(fund: Fund, county: str, places: Mapping[str, Jurisdiction]) -> bool:
    """Whether the county lies in the place that pays the fund out."""
    place: Jurisdiction | None = places[county]
    while place is not None:
        if place.code == fund.jurisdiction_id:
            return True
        place = places.get(place.parent_id or "")
    return False
