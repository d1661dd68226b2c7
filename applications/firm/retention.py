"""What is kept of people, how long and why: one table, which the site prints and the tidying obeys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from applications.cases.models import ApplicationDraft
from applications.enterprises.models import Claim, Invitation
from applications.firm.closing import FAREWELL
from applications.following.subscriptions import TOLD_KEPT, forget_told
from applications.impact.services.runs import RUNS_KEPT, forget_old_runs
from policies.pages.fruitless import SEARCHES_KEPT, forget_searches
from policies.pages.models import ErrorReport
from policies.self_check.counting import COUNTED_AFTER, COUNTS_KEPT, forget_counts
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import KEPT as SELF_CHECKS_KEPT
from portal.files.orphans import KEPT_FOR as ORPHANS_KEPT
from portal.guessing import OF_ACCOUNT, OF_ADDRESS
from portal.jobs.tidying import KEPT as JOBS_KEPT
from portal.jobs.tidying import forget_old
from portal.known_devices import LASTS
from portal.models import Delivery
from portal.second_factor.middleware import FORM_KEPT_FOR


@dataclass(frozen=True)
class Kept:
    """A kind of data. `remove` takes away what is over at a moment and says how many that were;
    without it nothing goes by itself, and `how_long` says until when it stays.
    """

    what: str
    how_long: str
    why: str
    remove: Callable[[datetime], int] | None = None


INVITATIONS_KEPT = timedelta(days=90)
LETTERS_KEPT = timedelta(days=180)
CLAIMS_KEPT = timedelta(days=365)
DRAFTS_KEPT = timedelta(days=365)
REPORTS_KEPT = timedelta(days=365)


def _remove_self_checks(now: datetime) -> int:
    return SelfCheck.objects.filter(expires_at__lte=now).delete()[0]


def _remove_sessions(now: datetime) -> int:
    return Session.objects.filter(expire_date__lte=now).delete()[0]


def _remove_invitations(now: datetime) -> int:
    return Invitation.objects.filter(invited_at__lte=now - INVITATIONS_KEPT).delete()[0]


def _forget_letters(now: datetime) -> int:
    is_over = Q(due_at__lte=now - LETTERS_KEPT) | Q(key__startswith=FAREWELL)
    return Delivery.objects.filter(is_over).forget()


def _forget_claimants(now: datetime) -> int:
    over = Claim.objects.filter(decided_at__lte=now - CLAIMS_KEPT)
    with_contacts = over.exclude(contact_name="", contact_telephone="", message="")
    return with_contacts.update(contact_name="", contact_telephone="", message="")


def _remove_drafts(now: datetime) -> int:
    return ApplicationDraft.objects.filter(updated_at__lte=now - DRAFTS_KEPT).delete()[0]


def _forget_reporters(now: datetime) -> int:
    over = ErrorReport.objects.filter(handled=True, created_at__lte=now - REPORTS_KEPT)
    return over.exclude(contact="").update(contact="")


def _days(length: timedelta) -> str:
    return f"{length.days} 天"


LAW = "个人信息保护法第四十七条：法律规定的保存期没有届满的，只存储，不作他用"
RETENTION = (
    Kept(
        "不登录做的自测：填报数据、结果和链接",
        f"{_days(SELF_CHECKS_KEPT)}，您按了“留到明年再用”的到下一年 6 月 30 日；您也可以随时删除",
        "方便您打印、继续填写、重新打开结果，明年接着用",
        _remove_self_checks,
    ),
    Kept(
        f"自测建立 {COUNTED_AFTER.days} 天后数一次：停在哪一题、哪些条件不符合，只有每天的次数，不留企业、地区和"
        "填报数据，也查不到是哪一份；在这以前删除的、有这项说明以前做的都不数",
        _days(COUNTS_KEPT),
        "改进问题和说明；中心的人只看得到一季的合计，少于 5 次的看不到",
        forget_counts,
    ),
    Kept(
        "在公开页面查找、没有结果的词和日期，不记是谁、查了几次；像企业名称、代码、电话的不记",
        _days(SEARCHES_KEPT),
        "知道企业找什么没有找到；一季里不到 5 天有人找的，中心的人看不到",
        forget_searches,
    ),
    Kept(
        "注册或更换邮箱时填的邮箱，还没有确认的",
        "不保存；信里的链接 3 天内有效",
        "只有能打开邮箱的人才能开账户",
    ),
    Kept(
        "登录状态",
        "到期后一天内删除",
        "保持登录",
        _remove_sessions,
    ),
    Kept(
        "账户：邮箱、姓名、手机号码、密码（只存不能还原的摘要）",
        "直到您注销账户",
        "登录、通知和找回密码",
    ),
    Kept(
        "二次验证：验证器的密钥（加密保存）、通行密钥的公钥和名称、恢复码",
        "直到您关闭二次验证或注销账户",
        "登录时确认是您本人",
    ),
    Kept(
        "登录过的浏览器：保存在浏览器里的一个编号，本站不存",
        f"最后一次登录后 {_days(LASTS)}，注销账户时从所用的浏览器删除",
        "别人猜您的密码时，不把您也挡在外面",
    ),
    Kept(
        "试错密码和验证码的次数：账户和网络地址的摘要",
        f"最多 {max(OF_ADDRESS.seconds, OF_ACCOUNT.seconds) // 60} 分钟",
        "防止猜密码",
    ),
    Kept(
        "登录过期后才提交的表单",
        f"{FORM_KEPT_FOR // 60} 分钟内您登录后接着提交，或选择不提交，就删除；过了时间也删除",
        "填好的内容不丢失",
    ),
    Kept(
        "企业成员的姓名和电话",
        "直到您离开这家企业或注销账户；何时加入、离开长期保存",
        "县中心联系企业；谁代表过企业要说得清",
    ),
    Kept(
        "企业日历的订阅网址（只存不能还原的摘要）和建立时间",
        "直到您停用、离开这家企业或注销账户",
        "您的日历程序不用登录就能更新",
    ),
    Kept(
        "订阅提醒：邮箱、订阅了哪些项目或查找（不含自测的填报数据），哪家企业的限额",
        "直到您结束订阅、注销账户；没有确认的不保存；离开企业时停止它的提醒；中心的人只看得到合计",
        "政策的窗口、规则有变化时写信告诉您",
    ),
    Kept(
        "订阅提醒：告诉过您哪几件事",
        f"{_days(TOLD_KEPT)}，结束订阅时删除",
        "同一件事不写两次",
        forget_told,
    ),
    Kept(
        "企业成员发出的邀请：对方的邮箱",
        _days(INVITATIONS_KEPT),
        "送达邀请，防止滥发",
        _remove_invitations,
    ),
    Kept(
        "企业认领：联系人、电话、说明",
        f"核实后 {_days(CLAIMS_KEPT)}；结论和理由长期保存",
        "县中心核实谁能代表企业",
        _forget_claimants,
    ),
    Kept(
        "没有提交的申报草稿",
        f"最后一次修改后 {_days(DRAFTS_KEPT)}",
        "方便您接着填写",
        _remove_drafts,
    ),
    Kept(
        "上传中断的文件、从资料库撤下的文件",
        f"{_days(ORPHANS_KEPT)}后删除",
        "已没有用处",
    ),
    Kept(
        "资料库的文件",
        "直到企业撤下；已随申报提交的，随申报保存",
        "企业重复使用自己的材料",
    ),
    Kept(
        "发出的邮件和短信：地址和内容",
        f"{_days(LETTERS_KEPT)}，注销账户的当时删去；何时发过、是否送出长期保存",
        "查对通知有没有送达",
        _forget_letters,
    ),
    Kept(
        "报错人的联系方式",
        f"处理完、满 {_days(REPORTS_KEPT)}后删除",
        "回复报错人",
        _forget_reporters,
    ),
    Kept(
        "已提交的申报：填报数据、材料、联系人、审核记录、留言、公示的异议",
        "长期",
        f"财政资金的审核和支付要经得起审计和档案检查（{LAW}）",
    ),
    Kept(
        "奖补支付：金额、收款账户、凭证号",
        "长期，至少 30 年",
        f"会计档案管理办法：会计凭证保管 30 年（{LAW}）",
    ),
    Kept(
        "企业的收款账户：开户名、开户行、账号，由谁填写、谁核对（完整的账号只有企业管理员和财务人员看得到）",
        "长期，至少 30 年；换了账户，以前的也留着",
        f"款项付到哪里要查得清，与会计凭证一起保管（{LAW}）",
    ),
    Kept(
        "工作人员上传的名单（认定、支付结果）：名单里的企业和金额，账号只留尾号",
        "登记的长期；没有登记的 30 天",
        "登记结果要查得到依据",
    ),
    Kept(
        "影响测算：政策草稿会使哪些企业进来、不再符合、金额有变（企业、结论和金额，不另存填报数据）",
        f"{_days(RUNS_KEPT)}，编辑也可以随时删除",
        "定政策时看得出影响多大、钱够不够；编辑只看得到本地区企业的名称和结论",
        forget_old_runs,
    ),
    Kept(
        "工作人员自己的设置：保存的筛选、不收每天的邮件",
        "直到本人删除或改回来",
        "照本人的意思办",
    ),
    Kept(
        "工作人员在后台做过什么，何时、为什么",
        "长期",
        f"办理过程要经得起审计（{LAW}）",
    ),
    Kept(
        "网站替您生成的报告和大名单，和生成的记录",
        _days(JOBS_KEPT),
        "方便您取走；记录用于查找故障",
        forget_old,
    ),
)


def tidy(now: datetime) -> dict[str, int]:
    """Take away all that is over: how many, by what they were. Each kind holds by itself."""
    removed = {}
    for kind in RETENTION:
        if kind.remove is not None:
            with transaction.atomic():
                removed[kind.what] = kind.remove(now)
    return removed
