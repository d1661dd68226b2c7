"""Who may speak for a firm: registering, claiming, inviting, and the owners' rights."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from applications.enterprises.models import Claim, Enterprise, Invitation, Membership
from applications.enterprises.models.membership import INVITATION_LASTS, hash_token
from applications.enterprises.names import has_address
from portal.models import Delivery, Jurisdiction, User
from portal.outbox.sending import post

MOST_CODES, CODES_WITHIN = 3, timedelta(days=1)
MOST_INVITATIONS, INVITATIONS_WITHIN = 20, timedelta(days=7)
ALREADY_MEMBER = "您已经是这家企业的成员。"
ALREADY_CLAIMED = "您已经登记过这家企业，正在等待核实，不用再次提交。"
TOO_MANY_CODES = f"一天最多登记 {MOST_CODES} 个统一社会信用代码，请明天再来。"
ADDRESS_UNCONFIRMED = "您的账户还没有确认过邮箱，不能登记企业：请先在“我的账户”里确认邮箱。"
CLAIM_DECIDED = "这份认领已被他人处理，您的操作没有生效；请刷新后再看。"
NOT_ONES_OWN = "不能核实自己的认领，请同事办理。"
REASON_MISSING = "请写明理由，认领人会看到。"
MEMBER_ALREADY = "这个邮箱的用户已经是本企业成员。"
INVITED_ALREADY = "已经邀请过这个邮箱，{until}前有效；要重发，请先撤回原来的邀请。"
NAME_HAS_ADDRESS = "企业名称里有网址、电话等联系方式，不能写进邀请信；请县中心先更正企业名称。"
TOO_MANY_INVITATIONS = f"7 天内最多发 {MOST_INVITATIONS} 封邀请信，撤回的也算在内；请过几天再邀请。"
INVITATION_CLOSED = "这份邀请已经使用过、已撤回或已过期，请联系邀请您的人重新发送。"
INVITATION_FOR_OTHERS = "这份邀请发给了另一个邮箱，请用收到邀请的邮箱登录。"
PARTING_REASON_MISSING = "请写明理由，企业的成员会看到。"
PARTED_ALREADY = "这个人已经不是这家企业的成员，请刷新后再看。"
ACCOUNT_CLOSED = "本人注销账户"
LAST_OWNER = "企业至少要有一名管理员：请先把另一名成员设为管理员。"


class MembershipError(Exception):
    """What cannot be done; the message says why, in Chinese."""


@transaction.atomic
def claim_enterprise(
    *,
    user: Any,
    credit_code: str,
    enterprise_name: str,
    county: Jurisdiction,
    contact_name: str,
    contact_telephone: str,
    message: str,
    now: datetime,
) -> Claim:
    """The user, whose e-mail is confirmed, says to act for a firm.

    A code that nobody used becomes theirs to own. Where the enterprise exists, with members or from
    the centre's desk, the claim waits for the centre.
    """
    # The lock makes several at once count one after another.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not user.emailaddress_set.filter(verified=True).exists():
        raise MembershipError(ADDRESS_UNCONFIRMED)
    if Membership.objects.filter(user=user, enterprise__credit_code=credit_code).exists():
        raise MembershipError(ALREADY_MEMBER)
    claims = Claim.objects.filter(user=user)
    if claims.filter(credit_code=credit_code, status=Claim.Status.PENDING).exists():
        raise MembershipError(ALREADY_CLAIMED)
    if claims.filter(claimed_at__gt=now - CODES_WITHIN).count() >= MOST_CODES:
        raise MembershipError(TOO_MANY_CODES)
    enterprise, is_new = Enterprise.objects.get_or_create(
        credit_code=credit_code, defaults={"name": enterprise_name, "county": county}
    )
    decided = {"status": Claim.Status.APPROVED, "decided_at": now} if is_new else {}
    claim = Claim.objects.create(
        user=user,
        enterprise=enterprise,
        credit_code=credit_code,
        enterprise_name=enterprise_name,
        county=county,
        contact_name=contact_name,
        contact_telephone=contact_telephone,
        message=message.strip(),
        claimed_at=now,
        **decided,
    )
    if is_new:
        _make_member(claim, Membership.Role.OWNER)
    return claim


def _make_member(claim: Claim, role: str) -> None:
    """Let the claimant in; a member who is let in as owner becomes one, an owner stays one."""
    membership, is_new = Membership.objects.get_or_create(
        user=claim.user,
        enterprise=claim.enterprise,
        defaults={
            "role": role,
            "contact_name": claim.contact_name,
            "contact_telephone": claim.contact_telephone,
        },
    )
    if not is_new and role == Membership.Role.OWNER:
        Membership.objects.filter(pk=membership.pk).update(role=role)


@transaction.atomic
def approve_claim(*, claim: Claim, role: str, actor: Any, now: datetime) -> None:
    """Let the claimant in as owner or member; of two who decide, one is told."""
    _decide(claim, Claim.Status.APPROVED, actor=actor, now=now)
    _make_member(claim, Membership.Role(role))


def reject_claim(*, claim: Claim, reason: str, actor: Any, now: datetime) -> None:
    reason = reason.strip()
    if not reason:
        raise MembershipError(REASON_MISSING)
    _decide(claim, Claim.Status.REJECTED, actor=actor, now=now, reason=reason)


def _decide(claim: Claim, status: str, *, actor: Any, now: datetime, reason: str = "") -> None:
    """Compare and set: a claim is decided once, and by nobody for themselves."""
    if claim.user_id == actor.pk:
        raise MembershipError(NOT_ONES_OWN)
    pending = Claim.objects.filter(pk=claim.pk, status=Claim.Status.PENDING)
    if not pending.update(status=status, decided_at=now, decided_by=actor, reason=reason):
        raise MembershipError(CLAIM_DECIDED)
    claim.status, claim.decided_at, claim.decided_by, claim.reason = status, now, actor, reason


@transaction.atomic
def invite(
    *,
    enterprise: Enterprise,
    email: str,
    invited_by: Any,
    page_of: Callable[[str], str],
    now: datetime,
) -> Invitation:
    """Write to somebody that they may join; `page_of` gives the address of a token's page.

    What went out counts, for the firm and for who sent it, whatever became of it. The locks make
    several at once count one after another.
    """
    email = email.lower()
    Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    User.objects.select_for_update(no_key=True).get(pk=invited_by.pk)
    if has_address(enterprise.name):
        raise MembershipError(NAME_HAS_ADDRESS)
    of_address = Q(user__email__iexact=email) | Q(
        user__emailaddress__email=email, user__emailaddress__verified=True
    )
    if enterprise.memberships.filter(of_address).exists():
        raise MembershipError(MEMBER_ALREADY)
    standing = Invitation.objects.standing().filter(enterprise=enterprise)
    standing.filter(expires_at__lte=now).update(withdrawn_at=now)
    if before := standing.filter(email=email).first():
        until = timezone.localtime(before.expires_at)
        raise MembershipError(INVITED_ALREADY.format(until=f"{until:%Y-%m-%d %H:%M}"))
    sent = Invitation.objects.sent_since(now - INVITATIONS_WITHIN)
    for own in (sent.filter(enterprise=enterprise), sent.filter(invited_by=invited_by)):
        if own.count() >= MOST_INVITATIONS:
            raise MembershipError(TOO_MANY_INVITATIONS)
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        enterprise=enterprise,
        email=email,
        token_hash=hash_token(token),
        invited_by=invited_by,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    post([_letter(invitation, page_of(token))])
    return invitation


def _letter(invitation: Invitation, address: str) -> Delivery:
    """What the outbox sends; of the link nothing is kept once it has left."""
    context = {"invitation": invitation, "address": address}
    return Delivery(
        key=f"invitation:{invitation.pk}",
        channel=Delivery.Channel.EMAIL,
        address=invitation.email,
        subject=f"邀请您加入“{invitation.enterprise}”的企业账户",
        text=render_to_string("enterprises/mail/invitation.txt", context),
        is_secret=True,
        posted_at=invitation.invited_at,
        due_at=invitation.invited_at,
        expires_at=invitation.expires_at,
    )


def withdraw_invitation(*, invitation: Invitation, now: datetime) -> None:
    standing = Invitation.objects.standing().filter(pk=invitation.pk)
    if not standing.update(withdrawn_at=now):
        raise MembershipError("这份邀请已经被接受或已撤回。")


@transaction.atomic
def accept_invitation(
    *,
    invitation: Invitation,
    user: Any,
    contact_name: str,
    contact_telephone: str,
    now: datetime,
) -> Membership:
    """Make the user a member; an invitation serves once, its own address, and until its day."""
    if not is_invited(user, invitation):
        raise MembershipError(INVITATION_FOR_OTHERS)
    is_open = Invitation.objects.standing().filter(pk=invitation.pk, expires_at__gt=now)
    if not is_open.update(accepted_at=now, accepted_by=user):
        raise MembershipError(INVITATION_CLOSED)
    membership, _ = Membership.objects.get_or_create(
        user=user,
        enterprise=invitation.enterprise,
        defaults={"contact_name": contact_name, "contact_telephone": contact_telephone},
    )
    return membership


def is_invited(user: Any, invitation: Invitation) -> bool:
    """Whether the invitation went to a confirmed address of the user."""
    return user.emailaddress_set.filter(email=invitation.email, verified=True).exists()


@transaction.atomic
def remove_member(*, membership: Membership, now: datetime) -> None:
    _keep_an_owner(membership)
    _end(membership, now)


@transaction.atomic
def part_from_firm(*, membership: Membership, reason: str, actor: Any, now: datetime) -> None:
    """Staff end that somebody acts for a firm, its last owner too: then nobody does."""
    if not reason.strip():
        raise MembershipError(PARTING_REASON_MISSING)
    if not _end(membership, now, _history_user=actor, _change_reason=reason.strip()):
        raise MembershipError(PARTED_ALREADY)


@transaction.atomic
def leave_all(*, user: Any, now: datetime) -> None:
    """Whoever closes their account acts for no firm any more, and waits for none.

    The last owner may leave like this: a firm cannot hold somebody. What they claimed stays on
    record without how to reach them.
    """
    for membership in Membership.objects.filter(user=user).order_by("enterprise_id"):
        _end(membership, now, _history_user=user, _change_reason=ACCOUNT_CLOSED)
    Invitation.objects.filter(accepted_by=user).delete()
    Claim.objects.filter(user=user, status=Claim.Status.PENDING).delete()
    Claim.objects.filter(user=user).update(contact_name="", contact_telephone="", message="")


def _end(membership: Membership, now: datetime, **noted: Any) -> bool:
    """Whether it was ended here; of two who do it at once, one does."""
    found = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if found is None:
        return False
    vars(found).update(noted)
    found.delete()
    _withdraw_invitations_by(membership, now)
    return True


def _withdraw_invitations_by(membership: Membership, now: datetime) -> None:
    """Whoever may not invite any more does not come back, or bring others in, by a letter sent."""
    standing = Invitation.objects.standing().filter(enterprise=membership.enterprise_id)
    standing.filter(invited_by=membership.user_id).update(withdrawn_at=now)


@transaction.atomic
def change_role(*, membership: Membership, role: str, now: datetime) -> None:
    role = Membership.Role(role)
    if role != Membership.Role.OWNER:
        _keep_an_owner(membership)
        _withdraw_invitations_by(membership, now)
    Membership.objects.filter(pk=membership.pk).update(role=role)


def _keep_an_owner(leaving: Membership) -> None:
    """Refuse that the last owner goes; the enterprise's lock makes two who go take turns."""
    Enterprise.objects.select_for_update(no_key=True).get(pk=leaving.enterprise_id)
    others = Membership.objects.filter(
        enterprise=leaving.enterprise_id, role=Membership.Role.OWNER
    ).exclude(pk=leaving.pk)
    if not others.exists():
        raise MembershipError(LAST_OWNER)
