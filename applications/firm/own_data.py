"""What the site holds of a person, for that person."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models.functions import Right

from applications.cases.models import (
    ApplicationDraft,
    ApplicationEvent,
    CaseNote,
    ExpertAssignment,
    Message,
)
from applications.enterprises.models import (
    BankAccount,
    CalendarAddress,
    Claim,
    Invitation,
    Membership,
    ProfileAnswer,
)
from applications.following.models import Subscription
from portal.models import Delivery, StoredFile, User


def own_data(user: User) -> dict[str, Any]:
    """All rows about the user or written by them, as JSON can hold them; times with their zone.

    What firms said belongs to the firms: of it only what the user wrote themselves. Of what staff were
    told, only the cases that they still may see.
    """
    return {
        "账户": {
            "用户名": user.username,
            "姓名": user.get_full_name(),
            "邮箱": user.email,
            "手机号码": user.mobile,
            "注册时间": user.date_joined,
            "上次登录": user.last_login,
        },
        "二次验证": _rows(
            Authenticator.objects.filter(user=user),
            种类="type",
            开通时间="created_at",
            上次使用="last_used_at",
        ),
        "代表的企业": _rows(
            Membership.objects.filter(user=user),
            企业="enterprise__name",
            角色="role",
            联系人="contact_name",
            联系电话="contact_telephone",
            加入时间="joined_at",
        ),
        "企业日历的订阅网址": _rows(
            CalendarAddress.objects.filter(membership__user=user),
            企业="membership__enterprise__name",
            建立时间="made_at",
        ),
        "订阅提醒": _rows(
            Subscription.objects.filter(user=user)
            | Subscription.objects.filter(follower__address=user.email.casefold()),
            邮箱="follower__address",
            项目="programme__name",
            查找="query",
            企业="enterprise__name",
            订阅时间="since",
        ),
        "企业认领": _rows(
            Claim.objects.filter(user=user),
            统一社会信用代码="credit_code",
            企业名称="enterprise_name",
            联系人="contact_name",
            联系电话="contact_telephone",
            说明="message",
            状态="status",
            提出时间="claimed_at",
            理由="reason",
        ),
        "发出的邀请": _rows(
            Invitation.objects.filter(invited_by=user), 邮箱="email", 时间="invited_at"
        ),
        "填报的档案": _rows(
            ProfileAnswer.objects.filter(given_by=user),
            企业="enterprise__name",
            指标="fact_key",
            年度="year",
            数据="value",
            时间="given_at",
        ),
        # Of the number its end: whoever has left the firm has no more to do with its account.
        "填写的收款账户": _rows(
            BankAccount.objects.filter(entered_by=user).annotate(tail_digits=Right("number", 4)),
            企业="enterprise__name",
            开户名="holder",
            开户行="bank",
            账号尾号="tail_digits",
            填写时间="entered_at",
            状态="state",
        ),
        "在申报上做的事": _rows(
            ApplicationEvent.objects.filter(actor=user),
            申报="application__number",
            动作="action",
            时间="at",
            意见="opinion",
        ),
        "留言": _rows(
            CaseNote.objects.filter(author=user),
            申报="application__number",
            内容="text",
            时间="at",
        ),
        "收到的消息": _rows(
            _messages_to(user),
            标题="subject",
            内容="text",
            时间="created_at",
            阅读时间="read_at",
        ),
        "发给您的邮件和短信": _rows(
            Delivery.objects.filter(recipient=user),
            方式="channel",
            地址="address",
            标题="subject",
            内容="text",
            状态="state",
            发送时间="sent_at",
        ),
        # Without their words: a link that waits to leave opens the account.
        "写到您邮箱的其他邮件": _rows(
            Delivery.objects.filter(recipient=None, address__iexact=user.email).exclude(address=""),
            地址="address",
            标题="subject",
            状态="state",
            发送时间="sent_at",
        ),
        "接受的邀请": _rows(
            Invitation.objects.filter(accepted_by=user),
            企业="enterprise__name",
            邮箱="email",
            时间="accepted_at",
        ),
        "上传的文件": _rows(
            StoredFile.objects.filter(uploaded_by=user),
            文件名="original_name",
            类型="content_type",
            大小="size",
            时间="uploaded_at",
            撤下时间="withdrawn_at",
        ),
        "最后由您修改的申报草稿": _rows(
            ApplicationDraft.objects.filter(updated_by=user),
            企业="enterprise__name",
            项目="programme__name",
            联系人="contact_name",
            联系电话="contact_telephone",
            修改时间="updated_at",
        ),
        "您评审的申报": _rows(
            ExpertAssignment.objects.filter(expert=user),
            申报="application__number",
            指派时间="assigned_at",
            利害关系="conflict",
            回避原因="conflict_reason",
            声明时间="declared_at",
        ),
    }


def _messages_to(user: User) -> Any:
    as_member = Message.objects.filter(recipient=user, enterprise__isnull=False)
    return as_member | Message.objects.for_staff(user) if user.is_staff else as_member


def _rows(found: Any, **columns: str) -> list[dict[str, Any]]:
    rows = found.order_by("pk").values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in rows]
