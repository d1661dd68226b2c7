"""A lost telephone: staff in charge reset somebody's factor, with a reason that stays."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from portal.models import User
from portal.second_factor.mails import tell_of_reset
from portal.users import REASON_MISSING, UserError, end_sessions

NOT_ONESELF = "不能重置自己的二次验证，请由别的管理员来做；手机还在时，自己在“二次验证”里更换。"
SUPERUSER_ONLY = "超级用户的二次验证只能由超级用户重置。"
NOTHING_TO_DO = "这个账号没有开通二次验证，或已由他人重置。"


@transaction.atomic
def reset_factor(*, user: User, actor: User | None, reason: str) -> bool:
    """Take away app, passkeys and recovery codes, end all sessions, and write to the person.

    Staff set up a new factor at the next log-in, which still takes their password. False where there
    is no address to write to. Without an `actor` it is done by whoever runs the server.
    """
    if actor and user.pk == actor.pk:
        raise UserError(NOT_ONESELF)
    if not reason.strip():
        raise UserError(REASON_MISSING)
    if user.is_superuser and actor and not actor.is_superuser:
        raise UserError(SUPERUSER_ONLY)
    found = User.objects.select_for_update().get(pk=user.pk)
    removed, _ = Authenticator.objects.filter(user=found).delete()
    if not removed:
        raise UserError(NOTHING_TO_DO)
    found._history_user = actor
    found._change_reason = f"重置二次验证：{reason.strip()}"
    User.history_keeper.create_historical_record(found, "~")
    end_sessions(found)
    return tell_of_reset(found, reason=reason.strip())
