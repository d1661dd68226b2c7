"""One number: the sum of lines, the totals on screen and in files, and the budget agree.

What is expected comes from what a test did, in decimals, never from the database that is asked.
"""

import csv
import io
import operator
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from applications.centre.exports.awards import AMOUNT, AWARDS, PAID
from applications.money.models import AwardLine, Budget, Payment, Refund
from applications.money.services import awards, payments, refunds
from applications.money.services.figures import budget_rows
from portal.lists.about import About
from portal.lists.declaration import Column, DataList, Kind, Summary
from portal.lists.formats import write_list
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
)
from tests.generated import examples
from tests.workbook import cells_of, row_of, sum_by_hand

NOW = datetime(2027, 10, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = date(2027, 10, 15)
FEN = Decimal("0.000001")
COUNTIES = {"140521": "沁水县", "140522": "阳城县"}
FAMILIES = ("小升规", "专精特新")
TITLES = ("首次升规", "连续在规两年")
YEARS = (2025, 2026, 2027, 2028)  # the last is not due yet
LEVELS = ("province", "city", "county")
AWARD_LIST = reverse("admin:money_awardline_list", args=["awards"])
PAYMENT_LIST = reverse("admin:money_paymentbatch_list", args=["payments"])
FIGURES = reverse("admin:money_fund_figures")
SECTIONS = ("按资金", "按类别", "按县（市、区）")
# How far a line comes; from `confirmed` on it has to be due.
ENDS = (
    "open", "prepared", "void", "confirmed", "approved", "given_up", "drafted", "part_paid",
    "paid", "sent_back", "ended", "ended_whole", "void_after_refund",
)  # fmt: skip
BEFORE_DUE = ENDS[:3]
PAYING = ENDS[ENDS.index("drafted") :]


@dataclass(frozen=True)
class Wish:
    """A line to make; `share` of the amount is paid, `back` of that comes back."""

    end: str
    amount: Decimal
    share: Decimal
    back: Decimal
    level: str
    county: str
    family: str
    title: str
    year: int
    is_set: bool
    has_fund: bool


AMOUNTS = st.one_of(
    st.decimals(min_value=FEN, max_value=Decimal("99999.999999"), places=6),
    st.sampled_from([FEN, Decimal("0.3"), Decimal(20), Decimal("33.333333")]),
)
SHARES = st.decimals(min_value=FEN, max_value=1, places=6)
WISHES = st.builds(
    Wish,
    end=st.sampled_from(ENDS),
    amount=AMOUNTS,
    share=SHARES,
    back=SHARES,
    level=st.sampled_from(LEVELS),
    county=st.sampled_from(sorted(COUNTIES)),
    family=st.sampled_from(FAMILIES),
    title=st.sampled_from(TITLES),
    year=st.sampled_from(YEARS),
    is_set=st.booleans(),
    has_fund=st.booleans(),
).filter(lambda wish: wish.year < 2028 or wish.end in BEFORE_DUE)


@dataclass(frozen=True)
class Told:
    """What became of a line, as the test knows it: amounts in 万元, None where nothing counts."""

    wish: Wish
    state: str
    counted: Decimal | None
    kept: Decimal
    fund: int | None
    programme: str
    number: str
    drafted: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)


class Money:
    """The places, programmes and funds that lines are made in, and a clerk of the city."""

    def __init__(self):
        province = JurisdictionFactory(code="140000", name="山西省", level="province")
        city = JurisdictionFactory(parent=province)
        self.places = {"province": province, "city": city}
        for code, name in COUNTIES.items():
            self.places[code] = JurisdictionFactory(
                code=code, name=name, level="county", parent=city
            )
        rights = ["view_awardline", "manage_awards", "pay_awards", "export_lists"]
        self.clerks = {
            code: FinanceFactory(jurisdiction_code=code, permissions=rights)
            for code in ("140500", *COUNTIES)
        }
        self.clerk = self.clerks["140500"]
        # Another than who confirms and approves.
        self.payer = FinanceFactory(permissions=rights)
        self.editions = {
            family: EditionFactory(programme__family=family, programme__area=city)
            for family in FAMILIES
        }
        # Money of the province is paid out by the city; each county has its own.
        self.funds = {
            (level, county): self._fund(level, city) for level in LEVELS[:2] for county in [""]
        } | {("county", code): self._fund("county", self.places[code]) for code in COUNTIES}
        self.batches = 0

    def _fund(self, level, place):
        fund = FundFactory(level=level, jurisdiction=place, budget=False)
        for year in YEARS:
            Budget.objects.create(fund=fund, year=year, amount=Decimal(9_000_000))
        return fund

    def make(self, number, wish):
        """A line that went where the wish says, by the services, and what is expected of it."""
        line = self._line(number, wish)
        done = {"actor": self.clerk, "now": NOW}
        if line.amount is None and wish.end != "open":
            awards.set_amount(
                line=line, amount=wish.amount, reason="评审", document_number="文1号", **done
            )
            line.refresh_from_db()
        if wish.end == "void":
            awards.void(line=line, reason="已退库", **done)
        if wish.end not in BEFORE_DUE:
            awards.confirm(line=line, note="在库", document_number="", **done)
            line.refresh_from_db()
        if wish.end not in (*BEFORE_DUE, "confirmed"):
            awards.approve(line=line, document_number="批1号", **done)
            line.refresh_from_db()
        if wish.end == "given_up":
            awards.void(line=line, reason="已退库", **done)
        counted: Decimal | None = wish.amount
        if wish.end in ("open", "void", "given_up", "void_after_refund"):
            counted = None
        kept, drafted, back = Decimal(0), Decimal(0), Decimal(0)
        if wish.end in PAYING:
            kept, drafted, back = self._pay(line, wish)
        if wish.end in ("ended", "ended_whole"):
            counted = kept
        told = {
            "state": self._state(wish, kept),
            "counted": counted,
            "kept": kept,
            "fund": line.fund_id,
            "programme": line.application.edition.programme_id,
            "number": line.application.number,
        }
        return Told(wish=wish, drafted=drafted, returned=back, **told)

    def _line(self, number, wish):
        place = self.places[wish.county if wish.level == "county" else wish.level]
        fund = self.funds[wish.level, wish.county if wish.level == "county" else ""]
        is_open = wish.end == "open" or wish.is_set
        limits = {"kind": "range", "amount": None, "low": Decimal(0), "high": wish.amount * 2}
        firm = EnterpriseFactory(
            credit_code=f"TESTCODE{wish.county}0000",
            name=f"{COUNTIES[wish.county]}测试公司",
            county=self.places[wish.county],
        )
        return AwardLineFactory(
            application=ApplicationFactory(
                enterprise=firm,
                edition=self.editions[wish.family],
                status="recognised",
                number=f"{wish.county}-2027-{number:04d}",
                subject=f"{number}号项目",
            ),
            level=wish.level,
            payer=place,
            title=wish.title,
            year=wish.year,
            # What somebody promises has a fund; the rest may wait for one, if it is the city's.
            fund=fund if wish.has_fund or wish.end != "prepared" or wish.is_set else None,
            **(limits if is_open else {"amount": wish.amount}),
        )

    def _pay(self, line, wish):
        """Pay and send back; what the firm holds, what is still in a draft, what came back."""
        done = {"actor": self.clerk, "now": NOW}
        whole = wish.end in ("paid", "ended_whole", "void_after_refund")
        part = wish.amount if whole else _share(wish.amount, wish.share)
        batch = payments.make_batch(fund=line.fund, **done)
        payment = payments.add_payment(batch=batch, line=line, amount=part, **done)
        if wish.end == "drafted":
            return Decimal(0), part, Decimal(0)
        self.batches += 1
        payments.pay_batch(
            batch=batch,
            voucher_number=f"支{self.batches}号",
            paid_on=TODAY,
            actor=self.payer,
            now=NOW,
        )
        if wish.end in ("part_paid", "paid"):
            return part, Decimal(0), Decimal(0)
        back = part if wish.end.endswith(("whole", "refund")) else _share(part, wish.back)
        line.refresh_from_db()
        refunds.refund(
            payment=payment, amount=back, on=TODAY, reason="账号有误", document_number="",
            pay_again=not wish.end.startswith("ended"), **done,
        )  # fmt: skip
        if wish.end == "void_after_refund":
            line.refresh_from_db()
            awards.void(line=line, reason="已退库", **done)
        return part - back, Decimal(0), back

    def _state(self, wish, kept):
        return {
            "open": "prepared", "given_up": "void", "void_after_refund": "void",
            "drafted": "approved", "sent_back": "approved", "ended": "returned",
            "ended_whole": "returned", "part_paid": "paid" if kept == wish.amount else "approved",
        }.get(wish.end, wish.end)  # fmt: skip


def _share(amount, share):
    return min(amount, max(FEN, (amount * share).quantize(FEN)))


# Filters as the address writes them, and whether a line passes, in plain Python.
FILTERS = {
    "state__exact": (sorted(AwardLine.State.values), lambda told, chosen: told.state == chosen),
    "year": (YEARS, lambda told, chosen: told.wish.year == chosen),
    "level__exact": (LEVELS, lambda told, chosen: told.wish.level == chosen),
    "application__county__code__exact": (
        sorted(COUNTIES),
        lambda told, chosen: told.wish.county == chosen,
    ),
    "title": (TITLES, lambda told, chosen: told.wish.title == chosen),
    "kind__exact": (
        ("exact", "range"),
        lambda told, chosen: (told.wish.is_set or told.wish.end == "open") == (chosen == "range"),
    ),
    "due": (
        ("now", "later", "unknown"),
        lambda told, chosen: {
            "now": told.state == "prepared" and told.wish.year <= TODAY.year,
            "later": told.wish.year > TODAY.year,
            "unknown": False,
        }[chosen],
    ),
    "q": (
        ("140521-2027", "140522-2027-0001", "阳城县", "TESTCODE1405210000"),
        lambda told, chosen: (
            chosen in told.number
            or chosen in COUNTIES[told.wish.county]
            or chosen == f"TESTCODE{told.wish.county}0000"
        ),
    ),
}
# The first of every way, so that each is taken whatever else is drawn.
EVERY_WAY = [
    Wish(
        end=end,
        amount=Decimal("33.333333"),
        share=Decimal("0.3"),
        back=Decimal("0.5"),
        level=LEVELS[place % 3],
        county=sorted(COUNTIES)[place % 2],
        family=FAMILIES[place % 2],
        title=TITLES[place % 2],
        year=YEARS[place % 3],
        is_set=bool(place % 2),
        has_fund=True,
    )
    for place, end in enumerate(ENDS)
]
QUERIES = st.lists(
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values) for name, (values, _) in FILTERS.items()}
    ),
    min_size=1,
    max_size=2,
)
PLANS = st.lists(WISHES, min_size=1, max_size=7)


def passing(told, query):
    return [
        each
        for each in told
        if all(FILTERS[name][1](each, chosen) for name, chosen in query.items())
    ]


def sums(told):
    """What counts and what was paid, in 万元."""
    return sum(each.counted or Decimal(0) for each in told), sum(each.kept for each in told)


class OneNumberTest(TestCase):
    """Whatever is done, and however it is narrowed: one number on screen, in files, in budgets."""

    # An example takes a second and is small as it is: shrinking it would take minutes.
    @pytest.mark.night
    @settings(
        max_examples=examples(20),
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(plan=PLANS, queries=QUERIES, viewer=st.sampled_from(["140500", *COUNTIES]))
    @example(plan=EVERY_WAY, queries=[{"state__exact": "returned"}], viewer="140500")
    def test_lines_screens_files_and_budgets_tell_one_number(self, plan, queries, viewer):
        with time_machine.travel(NOW, tick=False):
            money = Money()
            told = [money.make(number, wish) for number, wish in enumerate(plan, start=1)]
            self.check_what_is_kept(told)
            mine = [each for each in told if viewer in ("140500", each.wish.county)]
            self.client.force_login(money.clerks[viewer])
            years = {each.wish.year for each in told}
            for query in ({}, *queries):
                if min(years) <= query.get("year", min(years)) <= max(years):
                    self.check_the_list(query, passing(mine, query))
                else:  # A year that the page does not offer leads back to the whole list.
                    assert self.client.get(AWARD_LIST, query).status_code == 302
            for year in YEARS:
                self.check_the_budget(year, [each for each in mine if each.wish.year == year])
            for fund in money.funds.values():
                self.check_the_fund(money, fund, told)

    def check_what_is_kept(self, told):
        """The rows beside what they sum, and beside what was done."""
        lines = list(AwardLine.objects.order_by("pk"))
        assert [line.state for line in lines] == [each.state for each in told]
        assert [line.net_paid for line in lines] == [each.kept for each in told]
        assert [line.scheduled for line in lines] == [each.drafted for each in told]
        assert [line.returned for line in lines] == [each.returned for each in told]
        drafts, refunds = Payment.objects.filter(batch__state="draft"), Refund.objects.all()
        assert sum(each.amount for each in drafts) == sum(each.drafted for each in told)
        assert sum(each.amount for each in refunds) == sum(each.returned for each in told)

    def page(self, address, query):
        response = self.client.get(address, query)
        assert response.status_code == 200, query
        return response.content.decode()

    def download(self, address, query, ending):
        response = self.client.post(address, {"format": ending}, query_params=query)
        assert response.status_code == 200, query
        return b"".join(response.streaming_content)

    def check_the_list(self, query, told):
        """The preview, the CSV and the workbook hold these lines and their sums."""
        counted, paid = sums(told)
        content = self.page(AWARD_LIST, query)
        shown = dict(re.findall("<dt>合计 · (.*?)</dt><dd>(.*?)</dd>", content))
        assert {name: Decimal(text) for name, text in shown.items()} == {
            AMOUNT: counted,
            PAID: paid,
        }
        assert f"<dd>{len(told)} 行</dd>" in content
        text = self.download(AWARD_LIST, query, "csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        headers, total = rows[0], rows[len(told) + 1]
        assert total[:2] == ["合计", f"{len(told)} 行"]
        cells = cells_of(self.download(AWARD_LIST, query, "xlsx"))
        assert headers == AWARDS.headers
        first = next(
            number
            for number in range(1, 20)
            if [cell.value for cell in row_of(cells, number)] == headers
        )
        last = row_of(cells, first + len(told) + 1)
        for header, expected in ((AMOUNT, counted), (PAID, paid)):
            place = headers.index(header)
            listed = [row[place] for row in rows[1 : len(told) + 1]]
            assert sum(Decimal(cell) for cell in listed if cell) == expected
            assert Decimal(total[place]) == expected
            assert last[place].value == expected
            if told:
                assert sum_by_hand(cells, last[place].formula) == expected

    def check_the_budget(self, year, told):
        """The page of budgets: the line of totals of each section, and each family and county."""
        counted, paid = sums(told)
        content = self.page(FIGURES, {"year": year})
        found = re.findall(
            r'<section class="module">\s*<h2>(.*?)</h2>(.*?)</section>', content, re.S
        )
        sections = dict(found)
        for title in SECTIONS:
            foot = re.findall("<tfoot>(.*?)</tfoot>", sections[title], re.S)
            if foot or told:
                planned, committed, approved, given = _amounts(foot[0])
                assert (planned, given) == (counted, paid), (title, year)
                assert counted >= committed >= approved >= given
        self.check_rows(sections["按类别"], told, lambda each: each.wish.family)
        self.check_rows(sections["按县（市、区）"], told, lambda each: COUNTIES[each.wish.county])

    def check_rows(self, section, told, key):
        body = section.partition("<tbody>")[2].partition("</tbody>")[0]
        shown = {
            name: (figures[0], figures[-1])
            for name, cells in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', body, re.S)
            if (figures := _amounts(cells))
        }
        assert shown == {
            name: sums([each for each in told if key(each) == name])
            for name in sorted({key(each) for each in told})
        }

    def check_the_fund(self, money, fund, told):
        """A fund over its years: the award list, the payment list and its budgets."""
        self.client.force_login(money.clerk)
        own = [each for each in told if each.fund == fund.pk]
        self.check_the_list_of_fund(fund, own)
        rows = [row for year in YEARS for row in budget_rows(money.clerk, year) if row.fund == fund]
        planned, paid = (
            sum(getattr(row.figures, name) for row in rows) for name in ("planned", "paid")
        )
        assert (planned, paid) == sums(own)
        assert all(row.left == row.budget - row.figures.committed for row in rows)

    def check_the_list_of_fund(self, fund, own):
        query = {"fund__id__exact": fund.pk}
        if own:
            self.check_the_list(query, own)
        if not any(each.wish.end in PAYING for each in own):
            return
        text = self.download(PAYMENT_LIST, query, "csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        total = next(row for row in rows if row[0] == "合计")
        found = dict(zip(rows[0], total, strict=True))
        assert Decimal(found["实付金额（万元）"]) == sum(each.kept for each in own)
        assert Decimal(found["退回（万元）"]) == sum(each.returned for each in own)
        assert Decimal(found["本批金额（万元）"]) == sum(
            each.kept + each.returned + each.drafted for each in own
        )


def _amounts(cells):
    """The amounts in cells of a table, without counts and empty ones."""
    return [Decimal(text) for text in re.findall(r"<td>([\d.]+)</td>", cells)]


# Workbooks hold doubles. Below this many 万元 two of them lie less than a 分 apart, so that every
# amount comes back to the 分; a single amount has at most nine digits before the point.
EXACT_BELOW = Decimal(2**33)
# A spreadsheet that adds n doubles anew is off by at most n · sum / 2**53: of so many rows and
# 万元 it cannot show another 分 than the value beside the formula.
ROWS_ADDED, SUM_ADDED = 1000, Decimal(4_503_599)
FENS = st.integers(0, int(EXACT_BELOW / FEN) - 1).map(lambda number: number * FEN)
LIST = DataList(
    key="test",
    title="测试名单",
    columns=(Column("金额（万元）", lambda row: row, Kind.MONEY, total=True),),
    rows=iter,
    summarise=lambda rows: Summary(len(rows), {}),
)


def workbook_of(amounts):
    file = io.BytesIO()
    write_list(LIST, amounts, About("staff1", NOW, "晋城市", "无"), "xlsx", file)
    return cells_of(file.getvalue())


@settings(max_examples=examples(50), deadline=None)
@given(amount=FENS)
@example(amount=EXACT_BELOW - FEN)
def test_a_workbook_keeps_every_fen_of_a_sum_below_what_doubles_hold(amount):
    cells = workbook_of([amount / 2 // FEN * FEN, amount - amount / 2 // FEN * FEN])
    total = cells["B7"]
    assert total.value == amount == sum_by_hand(cells, total.formula)


def test_beyond_that_two_amounts_are_one_double():
    assert float(EXACT_BELOW + FEN) == float(EXACT_BELOW + 2 * FEN)
    assert float(EXACT_BELOW - FEN) != float(EXACT_BELOW - 2 * FEN)
    most = AwardLine._meta.get_field("amount").formfield().clean("999999999.999999")
    assert most < EXACT_BELOW


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_spreadsheet_that_adds_anew_finds_the_same_fen(seed):
    most = int(SUM_ADDED / ROWS_ADDED / FEN)
    draw = Random(seed)
    amounts = [draw.randint(most // 2, most) * FEN for _ in range(ROWS_ADDED)]
    assert sum(amounts) <= SUM_ADDED
    added = reduce(operator.add, map(float, amounts))  # `sum` of newer Pythons corrects itself
    assert Decimal(added).quantize(FEN) == sum(amounts)
