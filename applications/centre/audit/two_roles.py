"""Who held two roles in one case that should be two persons'.

Each kind of act is one relation (application, person, at, key), each rule joins two of them. Accounts
in one hand count as one person, as the services have it; who is covered counts beside who covers. All is
computed from the rows that the guards keep, in two statements however many cases there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from applications.cases.models import (
    Application,
    ApplicationEvent,
    Cover,
    ExpertAssignment,
    ExpertScore,
    Finding,
    ReviewRequest,
)
from applications.cases.workflow import DECISIONS, Action, Status
from applications.centre.audit.people import People, Person
from applications.enterprises.models import BankAccount
from applications.money.models import AwardEvent, PaymentBatch, SinglePersonPermit
from applications.notices.models import Objection
from policies.catalogue.models import Call
from portal.lists.declaration import Column, DataList, Kind, Summary
from portal.models import User
from portal.one_hand import last_hand

NONE = "0, 0 WHERE 1 = 0"
SAME = "同一个人"
ONE_HAND = "两个账号在一人手里（由另一人建立，或由他重设过密码、邮箱）"


def _listed(actions: Iterable[str]) -> str:
    return ", ".join(f"'{action}'" for action in sorted(actions))


def _events(actions: Iterable[str], person: str = "actor_id", more: str = "") -> str:
    return (
        f"SELECT own.application_id, own.{person} AS person_id, own.at, own.id AS key, own.step_level AS level,"  # noqa: S608 (constants)
        " own.step_place AS place, own.step_is_expert AS is_expert, own.action"
        " FROM cases_applicationevent AS own JOIN scope ON scope.id = own.application_id"
        f" WHERE own.action IN ({_listed(actions)}) AND own.{person} IS NOT NULL{more}"
    )


def _money(actions: Iterable[str]) -> str:
    return (
        "SELECT line.application_id, own.actor_id AS person_id, own.at, own.id AS key, own.line_id,"  # noqa: S608 (constants)
        " own.permit_id AS reason FROM money_awardevent AS own"
        " JOIN money_awardline AS line ON line.id = own.line_id"
        f" JOIN scope ON scope.id = line.application_id WHERE own.action IN ({_listed(actions)})"
    )


# A case in public notice falls by an objection, which is no decision of a step.
_not_in_notice = f" AND own.source <> '{Status.IN_NOTICE}'"
# A confirmation counts until the line goes back to be confirmed anew.
_taken_back = (
    "EXISTS (SELECT 1 FROM money_awardevent AS later WHERE later.line_id = own.line_id"
    " AND later.action = 'reopen' AND later.id > own.id)"
)
_accounts = (
    "SELECT line.application_id, account.{person} AS person_id, account.{at} AS at, account.id AS key"
    " FROM money_payment AS payment JOIN money_awardline AS line ON line.id = payment.line_id"
    " JOIN scope ON scope.id = line.application_id"
    " JOIN enterprises_bankaccount AS account ON account.id = payment.account_id"
    " WHERE account.{person} IS NOT NULL"
)
# Acts by name: what tells them, and the table whose row `key` is.
ACTS: dict[str, tuple[str, type[Any]]] = {
    "decided": (
        f"{_events(DECISIONS, more=_not_in_notice)} UNION ALL"
        f" {_events(DECISIONS, 'on_behalf_of_id', _not_in_notice)}",
        ApplicationEvent,
    ),
    "handed_in": (_events({Action.SUBMIT, Action.RESUBMIT}), ApplicationEvent),
    "assigned": (_events({Action.ASSIGN}), ApplicationEvent),
    "covered": (
        _events(
            DECISIONS | {Action.ACCEPT, Action.VISIT}, more=" AND own.on_behalf_of_id IS NOT NULL"
        ),
        ApplicationEvent,
    ),
    "found": (
        "SELECT own.application_id, own.by_id AS person_id, own.at, own.id AS key"
        " FROM cases_finding AS own JOIN scope ON scope.id = own.application_id",
        Finding,
    ),
    "scored": (
        "SELECT asked.application_id, asked.expert_id AS person_id, own.at, own.id AS key"
        " FROM cases_expertscore AS own JOIN cases_expertassignment AS asked"
        " ON asked.id = own.assignment_id JOIN scope ON scope.id = asked.application_id",
        ExpertScore,
    ),
    "asked_expert": (
        "SELECT own.application_id, own.assigned_by_id AS person_id, own.assigned_at AS at, own.id AS key"
        " FROM cases_expertassignment AS own JOIN scope ON scope.id = own.application_id",
        ExpertAssignment,
    ),
    "answered": (
        "SELECT own.application_id, own.answered_by_id AS person_id, own.answered_at AS at, own.id AS key"
        " FROM cases_reviewrequest AS own JOIN scope ON scope.id = own.application_id"
        " WHERE own.answered_by_id IS NOT NULL",
        ReviewRequest,
    ),
    "settled": (
        "SELECT line.application_id, own.settled_by_id AS person_id, own.settled_at AS at, own.id AS key"
        " FROM notices_objection AS own JOIN notices_noticeline AS line ON line.id = own.line_id"
        " JOIN scope ON scope.id = line.application_id WHERE own.settled_by_id IS NOT NULL",
        Objection,
    ),
    "granted": (
        f"{_money({'confirm', 'approve'})} AND NOT {_taken_back}",
        AwardEvent,
    ),
    "paid": (_money({"pay"}), AwardEvent),
    "entered_account": (_accounts.format(person="entered_by_id", at="entered_at"), BankAccount),
    "confirmed_account": (_accounts.format(person="decided_by_id", at="decided_at"), BankAccount),
    "paid_batch": (
        "SELECT line.application_id, batch.paid_by_id AS person_id, batch.paid_at AS at,"
        " batch.id AS key, payment.account_id FROM money_payment AS payment"
        " JOIN money_awardline AS line ON line.id = payment.line_id"
        " JOIN scope ON scope.id = line.application_id"
        " JOIN money_paymentbatch AS batch ON batch.id = payment.batch_id"
        " WHERE batch.paid_by_id IS NOT NULL",
        PaymentBatch,
    ),
    # Also who has left the firm since: the history keeps when they joined.
    "member": (
        "SELECT scope.id AS application_id, own.user_id AS person_id, MIN(own.history_date) AS at,"
        " own.user_id AS key FROM scope JOIN enterprises_historicalmembership AS own"
        " ON own.enterprise_id = scope.enterprise_id WHERE own.user_id IS NOT NULL"
        " GROUP BY scope.id, own.user_id",
        User,
    ),
    "drafted_call": (
        "SELECT scope.id AS application_id, own.drafted_by_id AS person_id, own.drafted_at AS at,"
        " own.id AS key FROM scope JOIN catalogue_call AS own ON own.id = scope.call_id",
        Call,
    ),
    "opened_call": (
        "SELECT scope.id AS application_id, own.opened_by_id AS person_id, own.opened_at AS at,"
        " own.id AS key, own.id AS reason FROM scope JOIN catalogue_call AS own ON own.id = scope.call_id"
        " WHERE own.opened_by_id IS NOT NULL",
        Call,
    ),
    "entered_cover": (
        "SELECT own.application_id, cover.entered_by_id AS person_id, cover.entered_at AS at,"
        " cover.id AS key FROM cases_applicationevent AS own"
        " JOIN scope ON scope.id = own.application_id JOIN cases_cover AS cover"
        " ON cover.person_id = own.on_behalf_of_id AND cover.substitute_id = own.actor_id"
        " AND cover.entered_at <= own.at AND (cover.ended_at IS NULL OR cover.ended_at >= own.at)",
        Cover,
    ),
}


@dataclass(frozen=True)
class Rule:
    """Two acts that should be two persons'; `joined` is what else must hold of the two rows."""

    key: str
    title: str
    first: str
    second: str
    joined: str = ""
    reason: type[Any] | None = None


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            "levels", "县级和市级的结论由一人作出", "decided", "decided",
            "first.level = 'county' AND second.level = 'city'",
        ),
        Rule(
            "expert-step", "推荐以后，又通过专家评审环节", "decided", "decided",
            "first.level = second.level AND first.place <> second.place AND second.is_expert"
            f" AND first.action = '{Action.RECOMMEND}' AND second.action = '{Action.RECOMMEND}'",
        ),
        Rule("review-grant", "审核过，又确认或批准奖补", "decided", "granted"),
        Rule("review-pay", "审核过，又登记支付", "decided", "paid"),
        Rule(
            "grant-pay", "确认或批准过的那一项，又登记支付", "granted", "paid",
            "first.line_id = second.line_id", SinglePersonPermit,
        ),
        Rule("account-entered", "填写收款账户，又核对", "entered_account", "confirmed_account", "first.key = second.key"),
        Rule("account-pay", "核对收款账户，又向它支付", "confirmed_account", "paid_batch", "first.key = second.account_id"),
        Rule("account-entered-pay", "填写收款账户，又向它支付", "entered_account", "paid_batch", "first.key = second.account_id"),
        Rule("expert-review", "专家评分，又审核", "scored", "decided"),
        Rule("expert-finding", "专家评分，又作人工判断", "scored", "found"),
        Rule("expert-asked", "指派专家，又以专家评分", "asked_expert", "scored"),
        Rule("firm-review", "企业成员（现在或以前），又审核", "member", "decided"),
        Rule("firm-finding", "企业成员（现在或以前），又作人工判断", "member", "found"),
        Rule("firm-expert", "企业成员（现在或以前），又以专家评分", "member", "scored"),
        Rule("firm-grant", "企业成员（现在或以前），又确认或批准奖补", "member", "granted"),
        Rule("firm-pay", "企业成员（现在或以前），又登记支付", "member", "paid"),
        Rule("firm-account", "企业成员（现在或以前），又核对收款账户", "member", "confirmed_account"),
        Rule("filled-review", "代企业提交，又审核", "handed_in", "decided"),
        Rule("assigned-cover", "分配给别人，又代他办理", "assigned", "covered"),
        Rule("cover-cover", "自己登记由自己代办，又代他办理", "entered_cover", "covered"),
        Rule("answer-review", "审核过，又答复企业的复核申请", "decided", "answered"),
        Rule("objection-review", "审核过，又办结对它的异议", "decided", "settled"),
        Rule("call", "征集由一人拟定又开放", "drafted_call", "opened_call", "first.key = second.key", Call),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One act of a pair: what it was, when, and by whom."""

    what: str
    at: datetime | None
    person: Person


@dataclass(frozen=True)
class Double:
    """Two acts of one person in one case; `times` counts such pairs, of which the first is told."""

    case: Application
    rule: Rule
    first: Act
    second: Act
    times: int
    reason: str

    @property
    def how(self) -> str:
        return SAME if self.first.person.pk == self.second.person.pk else ONE_HAND


class TwoRoles:
    """Of these cases; `rule` narrows to one."""

    def __init__(self, cases: QuerySet[Application], rule: str = "") -> None:
        self.rules = [RULES[rule]] if rule else list(RULES.values())
        scope = cases.order_by().values("pk", "enterprise_id", "call_id")
        try:
            self._scope, self._params = scope.query.sql_with_params()
        except EmptyResultSet:
            # Somebody in charge of no place, or a question that was not understood.
            self._scope, self._params = f"SELECT 0, {NONE}", ()

    @cached_property
    def counts(self) -> list[tuple[Rule, int, int]]:
        """Of each rule that anybody broke: in how many cases, and by how many persons."""
        sql = (
            f"{self._with} SELECT rule, COUNT(DISTINCT application_id), COUNT(DISTINCT person_id)"  # noqa: S608 (constants)
            " FROM doubles GROUP BY rule"
        )
        found = {rule: (cases, persons) for rule, cases, persons in _fetched(sql, self._params)}
        return [(rule, *found[rule.key]) for rule in self.rules if rule.key in found]

    def page(self, start: int, most: int) -> list[Double]:
        """The newest cases first; nine queries at most beside the statement itself."""
        sql = (
            f"{self._with} SELECT rule, application_id, person_id, other_id, first_key, second_key, times,"  # noqa: S608 (constants)
            " reason FROM doubles ORDER BY application_id DESC, rule, person_id, other_id"
            f" LIMIT {int(most)} OFFSET {int(start)}"
        )
        return _told([_Found(*row) for row in _fetched(sql, self._params)])

    @cached_property
    def _with(self) -> str:
        """The common part: scope, whose accounts are in one hand, acts that are needed, and doubles."""
        used = dict.fromkeys(act for rule in self.rules for act in (rule.first, rule.second))
        acts = ", ".join(f"{name} AS ({ACTS[name][0]})" for name in used)
        doubles = " UNION ALL ".join(_pairs(rule) for rule in self.rules)
        return (
            f"WITH scope (id, enterprise_id, call_id) AS ({self._scope}),"
            f" hands (person_id, other_id) AS ({_hands()}), {acts}, doubles AS ({doubles})"
        )


def _pairs(rule: Rule) -> str:
    """A row for each case and two persons, of whom mostly one."""
    reason = "MIN(second.reason)" if rule.reason else "CAST(NULL AS integer)"
    joined = f" AND {rule.joined}" if rule.joined else ""
    # An act is no pair with itself.
    itself = " AND first.key <> second.key" if rule.first == rule.second else ""
    return (
        f"SELECT '{rule.key}' AS rule, first.application_id, first.person_id,"  # noqa: S608 (constants)
        " second.person_id AS other_id, MIN(first.key) AS first_key, MIN(second.key) AS second_key,"
        f" COUNT(*) AS times, {reason} AS reason FROM {rule.first} AS first JOIN {rule.second} AS second"
        " ON second.application_id = first.application_id AND (second.person_id = first.person_id"
        " OR EXISTS (SELECT 1 FROM hands WHERE hands.person_id = first.person_id"
        f" AND hands.other_id = second.person_id)){joined}{itself}"
        " GROUP BY first.application_id, first.person_id, second.person_id"
    )


def _hands() -> str:
    """Pairs of staff whose accounts are in one hand, both ways: a small table, written as it is."""
    sql = f"SELECT own.id, {last_hand('own.id')} FROM portal_user AS own WHERE own.is_staff"  # noqa: S608 (constants)
    found = [(own, other) for own, other in _fetched(sql, ()) if other is not None]
    pairs = sorted({*found, *((other, own) for own, other in found)})
    if not pairs:
        return f"SELECT {NONE}"
    return " UNION ALL ".join(f"SELECT {int(first)}, {int(second)}" for first, second in pairs)


def _fetched(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@dataclass(frozen=True)
class _Found:
    rule: str
    case: int
    person: int
    other: int
    first: int
    second: int
    times: int
    reason: int | None


def _told(found: Sequence[_Found]) -> list[Double]:
    cases = (
        Application.objects.filter(pk__in={each.case for each in found})
        .select_related("enterprise", "county", "edition__programme")
        .defer("answers", "assessment")
    )
    by_key = {case.pk: case for case in cases}
    people = People({key for each in found for key in (each.person, each.other)})
    rows = _rows(found)
    doubles = []
    for each in found:
        rule = RULES[each.rule]
        acts = []
        for act, key, person in (
            (rule.first, each.first, each.person),
            (rule.second, each.second, each.other),
        ):
            what, at = _act_in_words(act, rows.get((ACTS[act][1], key)))
            acts.append(Act(what, at, people.at(person, at)))
        reason = rows.get((rule.reason, each.reason)) if rule.reason else None
        doubles.append(
            Double(by_key[each.case], rule, acts[0], acts[1], each.times, _reason_in_words(reason))
        )
    return doubles


def _rows(found: Sequence[_Found]) -> dict[tuple[Any, int], Any]:
    """All rows that the pairs name, by their table and key: a query a table."""
    wanted: dict[type[Any], set[int]] = {}
    for each in found:
        rule = RULES[each.rule]
        wanted.setdefault(ACTS[rule.first][1], set()).add(each.first)
        wanted.setdefault(ACTS[rule.second][1], set()).add(each.second)
        if rule.reason and each.reason:
            wanted.setdefault(rule.reason, set()).add(each.reason)
    return {
        (model, row.pk): row
        for model, keys in wanted.items()
        for row in model._base_manager.filter(pk__in=keys).select_related(*RELATED.get(model, ()))
    }


RELATED = {
    AwardEvent: ("line",),
    SinglePersonPermit: ("jurisdiction",),
}


def _act_in_words(act: str, row: Any) -> tuple[str, datetime | None]:
    """What somebody did and when."""
    if act == "member":
        return "企业成员", None
    if isinstance(row, ApplicationEvent):
        step = f"（{row.step}）" if row.step else ""
        behalf = "，代人办理或由人代办" if row.on_behalf_of_id else ""
        return f"{row.get_action_display()}{step}{behalf}", row.at
    if isinstance(row, AwardEvent):
        return (
            f"{row.get_action_display()}（{row.line.get_level_display()} {row.line.title}）",
            row.at,
        )
    if isinstance(row, BankAccount):
        if act == "entered_account":
            return f"填写收款账户（{row.tail}）", row.entered_at
        return f"核对收款账户（{row.tail}）", row.decided_at
    told = {
        "found": ("人工判断", "at"),
        "scored": ("专家评分", "at"),
        "asked_expert": ("指派专家", "assigned_at"),
        "answered": ("答复复核申请", "answered_at"),
        "settled": ("办结异议", "settled_at"),
        "paid_batch": ("登记支付", "paid_at"),
        "drafted_call": ("拟定征集", "drafted_at"),
        "opened_call": ("开放征集", "opened_at"),
        "entered_cover": ("登记代班", "entered_at"),
    }
    words, field = told[act]
    return f"{words}（{row}）" if act in (
        "paid_batch",
        "drafted_call",
        "opened_call",
    ) else words, getattr(row, field)


def _reason_in_words(row: Any) -> str:
    """Why one person was enough, where somebody put that on record."""
    if isinstance(row, SinglePersonPermit):
        return f"{row}：{row.reason}"
    if isinstance(row, Call):
        return row.alone_reason
    return ""


TWO_ROLES = DataList(
    key="audit-two-roles",
    title="一人办了两步的申报",
    columns=(
        Column("申报编号", lambda row: row.case.number, width=18),
        Column("企业名称", lambda row: row.case.enterprise_name, width=28),
        Column("县（市、区）", lambda row: row.case.county.name, width=10),
        Column("申报项目", lambda row: row.case.edition.programme.name, width=24),
        Column("哪一种", lambda row: row.rule.title, width=26),
        Column("第一步", lambda row: row.first.what, width=24),
        Column("第一步的日期", lambda row: row.first.at, Kind.DATE, width=11),
        Column("第一步是谁", lambda row: str(row.first.person), width=24),
        Column("第二步", lambda row: row.second.what, width=24),
        Column("第二步的日期", lambda row: row.second.at, Kind.DATE, width=11),
        Column("第二步是谁", lambda row: str(row.second.person), width=24),
        Column("怎么算一人", lambda row: row.how, width=14),
        Column("这样的几次", lambda row: row.times, Kind.INTEGER, width=8),
        Column("记录的理由", lambda row: row.reason, width=30),
    ),
    rows=lambda rows: rows,
    summarise=lambda rows: Summary(len(rows), {}),
)
