"""Accounts end by being deactivated; what a user has done keeps its author.

A password that somebody else sets is on record, though not the password.
"""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import BooleanField, Case, F, Q, TextField, Value, When
from django.db.models.expressions import RawSQL

from portal.models import Delivery, User
from portal.models.delivery import LIBRARY_LETTER
from portal.one_hand import PASSWORD_SET, in_one_hand

REASON_MISSING = "请写明理由，会留在变更历史里。"
NOT_ONESELF = "不能停用自己的账号，请由别的管理员来做。"
SUPERUSER_ONLY = "超级用户的账号只能由超级用户停用或恢复。"
NOTHING_TO_DO = "这个账号的状态已被他人改变，请刷新后再看。"


class UserError(Exception):
    """An account that cannot be deactivated or restored; the message says why, in Chinese."""


def deactivate_user(*, user: User, actor: User, reason: str) -> None:
    """From now on the user cannot log in, and all their sessions are over."""
    if user.pk == actor.pk:
        raise UserError(NOT_ONESELF)
    with transaction.atomic():
        _set_active(user, actor, reason, is_active=False)
        end_sessions(user)


def restore_user(*, user: User, actor: User, reason: str) -> None:
    _set_active(user, actor, reason, is_active=True)


@transaction.atomic
def _set_active(user: User, actor: User, reason: str, *, is_active: bool) -> None:
    if not reason.strip():
        raise UserError(REASON_MISSING)
    if user.is_superuser and not actor.is_superuser:
        raise UserError(SUPERUSER_ONLY)
    found = User.objects.select_for_update().filter(pk=user.pk, is_active=not is_active).first()
    if found is None:
        raise UserError(NOTHING_TO_DO)
    found.is_active = is_active
    found._history_user, found._change_reason = actor, reason.strip()
    found.save(update_fields=["is_active"])
    user.is_active = is_active


def not_beside(actor: User, others: Collection[int]) -> set[int]:
    """Which of these users are no second person beside the actor, by who has whose account."""
    if not others:
        return set()
    in_hand = RawSQL(  # noqa: S611 (constants)
        in_one_hand('"portal_user"."id"', "%s"), (actor.pk, actor.pk), output_field=BooleanField()
    )
    found = User.objects.filter(in_hand, pk__in=others).exclude(pk=actor.pk)
    return set(found.order_by().values_list("pk", flat=True))


def record_password(*, user: User, actor: User) -> None:
    """Note in the history that the actor gave the user a new password."""
    user._history_user, user._change_reason = actor, PASSWORD_SET
    User.history_keeper.create_historical_record(user, "~")


def end_sessions(user: User, but: str | None = None) -> None:
    """Sessions hold their user inside: all that have not expired are looked through.

    `but` is the key of a session that goes on.
    """
    for session in Session.objects.exclude(pk=but).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


@transaction.atomic
def forget_user(user: User) -> None:
    """Take away who somebody was, here and in the history; their number stays with what they did."""
    found = User.objects.select_for_update().get(pk=user.pk)
    nobody = {
        "username": f"已注销{found.pk}", "first_name": "", "last_name": "", "email": "", "mobile": "",
    }  # fmt: skip
    for name, value in {**nobody, "is_active": False}.items():
        setattr(found, name, value)
    found.set_unusable_password()
    found._history_user, found._change_reason = found, "本人注销账户"
    addresses = _addresses_of_all_times(user)
    found.save()
    found.emailaddress_set.all().delete()
    Authenticator.objects.filter(user=found).delete()
    # Of the queryset itself: this is no further history.
    models.QuerySet(User.history.model).filter(id=found.pk).update(**nobody)
    of_user = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=of_user, object_id=found.pk).update(
        object_repr=nobody["username"]
    )
    _forget_letters(found, addresses)
    end_sessions(found)


def _addresses_of_all_times(user: User) -> set[str]:
    """Where the site has ever written to the user, without what is somebody else's today."""
    earlier = User.history.filter(id=user.pk).values_list("email", flat=True)
    confirmed = user.emailaddress_set.values_list("email", flat=True)
    all_times = {address.lower() for address in (user.email, *earlier, *confirmed)} - {""}
    others = EmailAddress.objects.exclude(user=user).filter(email__in=all_times)
    return all_times - set(others.values_list("email", flat=True))


def _forget_letters(user: User, addresses: set[str]) -> None:
    """What was written to somebody who is gone; of what waits, nothing of the account leaves any more."""
    to_address = Q()
    for address in addresses:
        to_address |= Q(address__iexact=address)
    written = Delivery.objects.filter(to_address) if addresses else Delivery.objects.none()
    own = Delivery.objects.filter(recipient=user)
    for found in (own, written.filter(recipient=None, key__startswith=LIBRARY_LETTER)):
        found.filter(state=Delivery.State.WAITING).update(
            state=Delivery.State.FAILED,
            text=Case(
                When(is_secret=True, then=Value("")), default=F("text"), output_field=TextField()
            ),
        )
    own.forget()
    written.forget()
