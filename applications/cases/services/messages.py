"""What is told to whom: each event of a case becomes messages for the firm and for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from applications.cases.models import Application, ApplicationEvent, Message, MessageDelivery
from applications.enterprises.models import Enterprise
from portal.models import Delivery, Jurisdiction, User
from portal.outbox.sending import addresses_of, post

Kind = Message.Kind


@dataclass(frozen=True)
class Announcement:
    """A kind of message, what stands above it, and the name of the template of its text."""

    kind: Message.Kind
    subject: str
    template: str
    by_sms: bool = False


def _template(name: str) -> str:
    return f"cases/messages/{name}.txt"


# By the action of the event. What is urgent for the firm goes out as a text message too.
TOLD_TO_FIRM = {
    "submit": Announcement(Kind.RECEIPT, "已收到申报", _template("submit")),
    "accept": Announcement(Kind.PROGRESS, "申报有新进展", _template("progress")),
    "return": Announcement(Kind.CORRECTION, "申报需要补正", _template("return"), by_sms=True),
    "resubmit": Announcement(Kind.RECEIPT, "已收到补正材料", _template("resubmit")),
    "recommend": Announcement(Kind.PROGRESS, "申报有新进展", _template("progress")),
    "reject": Announcement(Kind.DECISION, "申报未通过", _template("reject"), by_sms=True),
    "withdraw": Announcement(Kind.PROGRESS, "申报已撤回", _template("withdraw")),
    "lapse": Announcement(Kind.DECISION, "逾期未补正，申报结案", _template("lapse"), by_sms=True),
    "reopen": Announcement(Kind.PROGRESS, "申报重新审核", _template("reopen")),
    "ask_review": Announcement(Kind.RECEIPT, "已收到复核申请", _template("ask_review")),
    "uphold": Announcement(Kind.DECISION, "复核维持不予通过", _template("uphold"), by_sms=True),
    "post_notice": Announcement(Kind.NOTICE, "申报进入公示", _template("post_notice")),
    "end_notice": Announcement(Kind.NOTICE, "公示已结束", _template("end_notice")),
    "withdraw_notice": Announcement(Kind.NOTICE, "公示已撤回", _template("withdraw_notice")),
    "recognise": Announcement(Kind.DECISION, "申报已认定", _template("recognise"), by_sms=True),
    "transfer": Announcement(Kind.PROGRESS, "申报转交另一县办理", _template("transfer")),
    "succeed": Announcement(Kind.PROGRESS, "申报由承继企业继续", _template("succeed")),
    "close": Announcement(Kind.DECISION, "申报已终止", _template("close"), by_sms=True),
    "revoke": Announcement(Kind.DECISION, "认定已撤销", _template("revoke"), by_sms=True),
}
TOLD_TO_STAFF = {
    "submit": Announcement(Kind.ARRIVAL, "新到申报", _template("arrival")),
    "resubmit": Announcement(Kind.ARRIVAL, "企业已补正", _template("arrival")),
    "recommend": Announcement(Kind.ARRIVAL, "下级推荐的申报", _template("arrival")),
    "withdraw": Announcement(Kind.PROGRESS, "企业撤回申报", _template("arrival")),
    "transfer": Announcement(Kind.ARRIVAL, "另一县转来的申报", _template("arrival")),
}
# Work inside the office, of which the record of the case says enough, and what is told once a firm.
TOLD_TO_NOBODY = frozenset({"visit", "take_over", "assign", "unassign", "change_firm"})


@transaction.atomic
def notify(
    *,
    recipients: Iterable[User],
    kind: Message.Kind,
    subject: str,
    text: str,
    key: str,
    now: datetime,
    application: Application | None = None,
    enterprise: Enterprise | None = None,
    channels: Iterable[Delivery.Channel] = (),
) -> None:
    """Tell each recipient once for each `key`; sent when the caller's transaction commits."""
    readers = {f"{key}:{user.pk}": user for user in recipients}
    Message.objects.bulk_create(
        [
            Message(
                recipient=user,
                enterprise=enterprise,
                application=application,
                kind=kind,
                subject=" ".join(subject.split())[:200],
                text=text,
                created_at=now,
                key=own_key,
            )
            for own_key, user in readers.items()
        ],
        ignore_conflicts=True,
    )
    if channels:
        written = Message.objects.filter(key__in=readers)
        _send(written.select_related("recipient", "application"), set(channels), now)


def _send(messages: Iterable[Message], channels: set[Delivery.Channel], now: datetime) -> None:
    """Put each message into the outbox, for each of these channels by which its reader is known."""
    by_key = {
        f"{message.key}:{channel}": (message, channel, address)
        for message in messages
        for channel, address in addresses_of(message.recipient)
        if channel in channels
    }
    posted = post(
        Delivery(
            key=key,
            recipient=message.recipient,
            channel=channel,
            address=address,
            subject=message.subject,
            text=_text(message, channel),
            due_at=now,
        )
        for key, (message, channel, address) in by_key.items()
    )
    MessageDelivery.objects.bulk_create(
        [
            MessageDelivery(message=by_key[delivery.key][0], delivery=delivery)
            for delivery in posted
        ],
        ignore_conflicts=True,
    )


def _text(message: Message, channel: Delivery.Channel) -> str:
    template = f"cases/messages/_{Delivery.Channel(channel)}.txt"
    context = {"message": message, "address": settings.SITE_URL + message.address}
    return render_to_string(template, context).strip()


def members_of(enterprise: Enterprise) -> QuerySet[User]:
    """Who reads for the firm; nobody where the firm has no account."""
    return User.objects.filter(is_active=True, memberships__enterprise=enterprise)


def staff_at(jurisdiction: Jurisdiction | None) -> list[User]:
    """Staff of that jurisdiction who see cases; where it has none, of the next one above."""
    while jurisdiction is not None:
        staff = User.objects.with_perm(
            "cases.view_application", backend="django.contrib.auth.backends.ModelBackend"
        ).filter(is_staff=True, jurisdiction_code=jurisdiction.pk)
        if found := list(staff):
            return found
        jurisdiction = jurisdiction.parent
    return []


def notify_of_event(event: ApplicationEvent) -> None:
    """Tell the firm's members what happened, and staff what arrived; call it with the event."""
    if announcement := TOLD_TO_FIRM.get(event.action):
        tell_firm(
            event.application,
            announcement,
            {"event": event},
            key=f"event-{event.pk}-firm",
            now=event.at,
        )
    if announcement := TOLD_TO_STAFF.get(event.action):
        staff = [user for user in staff_at(_arrives_at(event)) if user.pk != event.actor_id]
        tell_staff(
            event.application,
            staff,
            announcement,
            {"event": event},
            key=f"event-{event.pk}-staff",
            now=event.at,
        )


def _arrives_at(event: ApplicationEvent) -> Jurisdiction | None:
    """On whose desk the case lies after the event."""
    county = event.application.county
    return county if event.application.desk == "county" else county.parent


def tell_firm(
    application: Application,
    announcement: Announcement,
    context: dict[str, object],
    *,
    key: str,
    now: datetime,
) -> None:
    """The members of the firm; where it was absorbed, also those of the one that goes on with the case."""
    urgent = [Delivery.Channel.SMS] if announcement.by_sms else []
    firms = {key: application.enterprise}
    if application.successor:
        firms[f"{key}-successor"] = application.successor
    for own_key, firm in firms.items():
        notify(
            recipients=members_of(firm),
            kind=announcement.kind,
            subject=f"{announcement.subject}：{application.edition.programme.name}",
            text=_render(announcement.template, application, context),
            key=own_key,
            now=now,
            application=application,
            enterprise=firm,
            channels=[Delivery.Channel.EMAIL, *urgent],
        )


def tell_staff(
    application: Application,
    staff: Iterable[User],
    announcement: Announcement,
    context: dict[str, object],
    *,
    key: str,
    now: datetime,
) -> None:
    notify(
        recipients=staff,
        kind=announcement.kind,
        subject=f"{announcement.subject}：{application.number} {application.enterprise_name}",
        text=_render(announcement.template, application, context),
        key=key,
        now=now,
        application=application,
    )


def _render(template: str, application: Application, context: dict[str, object]) -> str:
    return render_to_string(template, {**context, "application": application}).strip()
