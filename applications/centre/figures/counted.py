"""What each figure counts: one definition, by which pages add up and the lists behind them are found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, ExpressionWrapper, F, Model, Q, QuerySet, Sum, Value, When
from django.db.models.aggregates import Aggregate

from applications.cases.models import Application, ApplicationEvent
from applications.cases.workflow import Action, Status
from applications.centre.figures.period import Period
from applications.money.models import AwardLine, Payment, PaymentBatch, Reclaim, Refund
from applications.money.models.award_line import counted_amount, net_paid
from applications.money.models.money_field import MoneyField
from applications.notices.models import RecognitionLine
from portal.models import Jurisdiction
from portal.scope import in_charge

State, Kind = AwardLine.State, AwardLine.Kind


@dataclass(frozen=True)
class Selection:
    """Whose cases are looked at: what the user may see, of it a place or a programme."""

    user: Any
    place: str = ""
    programme: str = ""


@dataclass(frozen=True)
class Source:
    """Rows that figures are made of, and the paths from there.

    `case` leads to the fields of the case, `counts` to what is counted: once however many rows it
    has, where it `recurs`. `when` leads to the moment or the day by which a row belongs to a period.
    """

    model: type[Model]
    case: str
    counts: str
    when: str
    is_day: bool = False
    recurs: bool = False

    def within(self, period: Period) -> Q:
        if self.is_day:
            return Q(**{f"{self.when}__range": (period.first, period.last)})
        return Q(**{f"{self.when}__gte": period.begin, f"{self.when}__lt": period.end})

    def of(self, selection: Selection) -> QuerySet:
        chosen = in_charge(selection.user, f"{self.case}county")
        if selection.place:
            within = Jurisdiction.objects.within(selection.place).order_by().values("pk")
            chosen &= Q(**{f"{self.case}county__in": within})
        if selection.programme:
            chosen &= Q(**{f"{self.case}edition__programme": selection.programme})
        return self.model.objects.filter(chosen).order_by()


@dataclass(frozen=True)
class Figure:
    """`words` say what is counted and by which date; `sums` are added up over the same rows."""

    key: str
    title: str
    words: str
    source: Source
    which: Q = field(default_factory=Q)
    sums: Mapping[str, Any] = field(default_factory=dict)

    def aggregates(self, rows: Q, name: str) -> dict[str, Aggregate]:
        """The count and the sums of the rows that fit, under names that begin so."""
        chosen = self.which & rows
        found: dict[str, Aggregate] = {
            # To count apart takes PostgreSQL a sort of all rows for each figure.
            f"{name}_count": Count(self.source.counts, filter=chosen, distinct=self.source.recurs)
        }
        for key, expression in self.sums.items():
            found[f"{name}_{key}"] = Sum(expression, filter=chosen)
        return found

    def narrow(self, listed: QuerySet, period: Period) -> QuerySet:
        """Of a list of what is counted those that this figure counts."""
        rows = self.source.model.objects.filter(self.which, self.source.within(period))
        return listed.filter(pk__in=rows.order_by().values(self.source.counts))


SUBMITTED = Source(Application, "", "pk", "submitted_at")
DONE = Source(ApplicationEvent, "application__", "application", "at", recurs=True)
RECOGNISED = Source(RecognitionLine, "application__", "application", "recognition__on", is_day=True)
GRANTED = Source(
    AwardLine, "application__", "pk", "application__recognition_line__recognition__on", is_day=True
)
PAID = Source(Payment, "line__application__", "line", "batch__paid_on", is_day=True, recurs=True)
REFUNDED = Source(
    Refund, "payment__line__application__", "payment__line", "on", is_day=True, recurs=True
)
CLAIMED = Source(Reclaim, "line__application__", "line", "decided_at")

WITH_AMOUNT = Q(amount__isnull=False) & ~Q(state=State.VOID)
WITHOUT_AMOUNT = Q(amount=None) & ~Q(state=State.VOID)
LEFT = WITH_AMOUNT & ~Q(state=State.RETURNED) & Q(amount__gt=F("paid") - F("returned"))
# Counts the lines for which no maximum is printed.
ENDLESS = Case(When(high=None, then=Value(1)), default=Value(0))


CASES = (
    Figure("submitted", "提交", "期间内提交的申报，按提交日期；后来撤回的也算在内。", SUBMITTED),
    Figure(
        "passed",
        "审核通过",
        "期间内最后一个审核环节通过的申报，按通过的日期；结论后来被撤回、重新审核的，仍算在当时。",
        DONE,
        Q(action=Action.RECOMMEND, target=Status.APPROVED),
    ),
    Figure(
        "returned",
        "退回补正",
        "期间内退回企业补正过的申报，按退回的日期；一件退回几次算一件。",
        DONE,
        Q(action=Action.RETURN),
    ),
    Figure(
        "rejected",
        "不予通过",
        "期间内作出“不予通过”的申报，按作出的日期；公示中因异议成立而不予通过的也算在内。",
        DONE,
        Q(action=Action.REJECT),
    ),
    Figure(
        "lapsed",
        "逾期结案",
        "期间内因企业逾期没有补正而结案的申报，按结案的日期。",
        DONE,
        Q(action=Action.LAPSE),
    ),
    Figure(
        "withdrawn",
        "企业撤回",
        "期间内企业自己撤回的申报，按撤回的日期；它们仍算在“提交”里。",
        DONE,
        Q(action=Action.WITHDRAW),
    ),
    Figure(
        "recognised",
        "认定",
        "列入认定文件的申报，按文件写的认定日期，不按登记的日期；后来撤销的仍算在当时，另列在“撤销认定”里。",
        RECOGNISED,
    ),
    Figure(
        "revoked",
        "撤销认定",
        "期间内复核生效的撤销认定，按复核的日期，不按文件写的撤销日期。",
        DONE,
        Q(action=Action.REVOKE),
    ),
)
LINES = (
    Figure(
        "granted",
        "核定奖补",
        "期间内认定的申报的奖补里，金额已定的各项，按认定日期；不论哪一年给付。退回后不再支付的，按企业"
        "留下的计；不再给付的不计。",
        GRANTED,
        WITH_AMOUNT,
        {"amount": counted_amount()},
    ),
    Figure(
        "paid_of_granted",
        "其中已付",
        "上面各项到现在为止付给企业、没有退回的钱，不论哪一天支付。",
        GRANTED,
        WITH_AMOUNT & Q(paid__gt=F("returned")),
        {"amount": net_paid()},
    ),
    Figure(
        "left",
        "其中未付",
        "上面各项到现在为止还没有支付的钱；退回后不再支付的不算。",
        GRANTED,
        LEFT,
        {"amount": ExpressionWrapper(F("amount") - net_paid(), output_field=MoneyField())},
    ),
    Figure(
        "range",
        "只印范围",
        "期间内认定的申报的奖补里，文件只印了范围、金额还没有核定的各项，不在合计里。",
        GRANTED,
        WITHOUT_AMOUNT & Q(kind=Kind.RANGE),
        {"low": F("low"), "high": F("high"), "endless": ENDLESS},
    ),
    Figure(
        "unpublished",
        "金额未公布",
        "期间内认定的申报的奖补里，文件没有公布金额、也还没有核定的各项，不是零，不在合计里。",
        GRANTED,
        WITHOUT_AMOUNT & Q(kind=Kind.UNPUBLISHED),
    ),
    Figure(
        "to_set",
        "金额待核定",
        "期间内认定的申报的奖补里，要核实或资料不足、金额还没有核定的各项，不是零，不在合计里。",
        GRANTED,
        WITHOUT_AMOUNT & Q(kind__in=[Kind.TO_SET, Kind.EXACT]),
    ),
    Figure(
        "void",
        "不再给付",
        "期间内认定的申报的奖补里，已决定不再给付的各项，不在合计里。",
        GRANTED,
        Q(state=State.VOID),
    ),
    Figure(
        "paid",
        "本期拨付",
        "支付日期在期间内的钱，不论奖补是哪一年认定的；还在草稿里的支付批次不算，后来退回的不减，另列。",
        PAID,
        Q(batch__state=PaymentBatch.State.PAID),
        {"amount": F("amount")},
    ),
    Figure(
        "refunded",
        "本期退回",
        "退回日期在期间内的钱，重新支付的、不再支付的和追回的都算。",
        REFUNDED,
        Q(),
        {"amount": F("amount")},
    ),
    Figure(
        "reclaimed",
        "其中追回",
        "“本期退回”里按追回决定收回的钱，不论哪一天决定追回。",
        REFUNDED,
        Q(reclaim__isnull=False),
        {"amount": F("amount")},
    ),
    Figure(
        "claimed",
        "本期决定追回",
        "复核日期在期间内的追回，按决定的金额，不论收回多少；后来不再追回的也算在当时。",
        CLAIMED,
        Q(state=Reclaim.State.CONFIRMED),
        {"amount": F("amount")},
    ),
)
FIGURES = {figure.key: figure for figure in (*CASES, *LINES)}
