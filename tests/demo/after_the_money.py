"""What comes after the money: a recognition is revoked, money is claimed back, a firm is renamed, moves or
is absorbed."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from applications.enterprises.models import EnterpriseChange
from applications.enterprises.services.changes import propose_change
from applications.money.models import AwardLine, Reclaim
from applications.money.services.reclaims import (
    book_return,
    confirm_drop,
    confirm_reclaim,
    propose_drop,
    propose_reclaim,
)
from applications.notices.services.enterprise_changes import confirm_change
from applications.notices.services.mergers import decide_on_case, open_cases
from applications.notices.services.revocations import confirm_revocation, propose_revocations
from portal.models import Jurisdiction
from tests.demo.accounts import ROOT
from tests.demo.cases import Cast
from tests.demo.clock import Story
from tests.demo.money import clerk_of, payer_of

Kind = EnterpriseChange.Kind


def revocation_story(cast: Cast, batch: str, days: int) -> Story:
    """A paid title is revoked; a part of the money has come back, and the rest is late."""
    yield days
    case = cast.batches[batch][0]
    line = case.recognition_line
    [revocation] = propose_revocations(
        recognition=line.recognition,
        lines=[line],
        document_number=f"演示撤〔{timezone.localdate().year}〕1号",
        on=timezone.localdate(),
        reason="抽查发现申报当年的数据与报表不符，企业已书面说明。",
        actor=cast.staff["reviewer.jincheng"],
        now=timezone.now(),
    )
    yield days - 1
    confirm_revocation(revocation=revocation, actor=cast.staff[ROOT], now=timezone.now())
    yield days - 3
    paid = AwardLine.objects.filter(application=case, paid__gt=0).earliest("pk")
    reclaim = _claim(cast, paid, paid.net_paid, "认定已经撤销，已付的奖补全部追回。", due_in=20)
    yield days - 5
    confirm_reclaim(reclaim=reclaim, actor=payer_of(cast, paid.fund), now=timezone.now())
    yield days - 15
    book_return(
        reclaim=reclaim,
        amount=reclaim.amount / 2,
        on=timezone.localdate(),
        document_number="演示追1",
        actor=clerk_of(cast, paid.fund),
        now=timezone.now(),
    )


def drop_story(cast: Cast, batch: str, days: int) -> Story:
    """What was claimed back by mistake is asked for no more."""
    yield days
    paid = AwardLine.objects.filter(application__in=cast.batches[batch], paid__gt=0).earliest("pk")
    reclaim = _claim(cast, paid, Decimal(1), "核对时发现金额可能多算了 1 万元。", due_in=30)
    yield days - 1
    clerk, payer = clerk_of(cast, paid.fund), payer_of(cast, paid.fund)
    confirm_reclaim(reclaim=reclaim, actor=payer, now=timezone.now())
    yield days - 8
    reason = "重新核对过，原来的金额没有错。"
    propose_drop(reclaim=reclaim, reason=reason, actor=clerk, now=timezone.now())
    yield days - 9
    confirm_drop(reclaim=reclaim, actor=payer, now=timezone.now())


def _claim(cast: Cast, line: AwardLine, amount: Decimal, reason: str, due_in: int) -> Reclaim:
    return propose_reclaim(
        line=line,
        amount=amount,
        reason=reason,
        document_number=f"演示追〔{timezone.localdate().year}〕{line.pk}号",
        due_on=timezone.localdate() + timedelta(days=due_in),
        actor=clerk_of(cast, line.fund),
        now=timezone.now(),
    )


def renaming_story(cast: Cast, firm: str, name: str, days: int) -> Story:
    """One of 沁水's reviewers enters the registry's notice, the other confirms it."""
    yield days
    change = propose_change(
        enterprise=cast.firms[firm].enterprise,
        kind=Kind.RENAMED,
        document_number=f"演示登〔{timezone.localdate().year}〕7号",
        on=timezone.localdate() - timedelta(days=4),
        name=name,
        actor=cast.staff["reviewer.qinshui"],
        now=timezone.now(),
    )
    yield days - 1
    confirm_change(change=change, actor=cast.staff["reviewer2.qinshui"], now=timezone.now())


def moving_story(cast: Cast, firm: str, county: str, days: int) -> Story:
    """A firm moves within 晋城: the city's reviewer enters it, and it waits for a second person."""
    yield days
    propose_change(
        enterprise=cast.firms[firm].enterprise,
        kind=Kind.MOVED,
        document_number=f"演示登〔{timezone.localdate().year}〕9号",
        on=timezone.localdate() - timedelta(days=2),
        county=Jurisdiction.objects.get(code=county),
        actor=cast.staff["reviewer.jincheng"],
        now=timezone.now(),
    )


def merger_story(cast: Cast, firm: str, successor: str, days: int) -> Story:
    """A firm is absorbed: its open case ends, what else it left is still to be decided."""
    yield days
    own, first, second = (
        cast.firms[firm].enterprise,
        cast.staff["reviewer.qinshui"],
        cast.staff["reviewer2.qinshui"],
    )
    change = propose_change(
        enterprise=own,
        kind=Kind.MERGED,
        document_number=f"演示登〔{timezone.localdate().year}〕8号",
        on=timezone.localdate() - timedelta(days=3),
        successor_code=cast.firms[successor].enterprise.credit_code,
        actor=first,
        now=timezone.now(),
    )
    yield days - 1
    confirm_change(change=change, actor=second, now=timezone.now())
    yield days - 2
    for case in open_cases(change):
        decide_on_case(
            change=change,
            application=case,
            goes_over=False,
            reason="承继企业另行申报，这一件终止。",
            actor=second,
            now=timezone.now(),
        )
