"""The plan of the demo: who asks for what, when, and how far it comes."""

from collections.abc import Iterator
from datetime import date, timedelta

from applications.cases.services.ranking import Contest
from tests.demo.after_the_money import (
    drop_story,
    merger_story,
    moving_story,
    renaming_story,
    revocation_story,
)
from tests.demo.around import (
    audit_story,
    claim_story,
    cover_story,
    edition_story,
    export_story,
    invitation_story,
    proposal_story,
    reading_story,
    report_story,
    self_check_story,
    source_check_story,
    unreachable_story,
)
from tests.demo.bank_accounts import accounts_story, change_story
from tests.demo.batches import Batch, batch_story, ranking_story
from tests.demo.calls import call_story, drafted_call_story
from tests.demo.cases import Cast, Plan, assign_story, case_story, talk_story
from tests.demo.clock import Story
from tests.demo.money import (
    YEARS_BACK,
    budget_story,
    later_story,
    partial_story,
    permit_story,
    refund_story,
    scarcity_story,
    second_thoughts_story,
    void_story,
)

LOW_REVENUE = {"revenue.main_business.y0": 1960}
# Firms with an account that somebody may log in to.
OPEN_FIRMS = ("qinshui1", "qinshui9", "qinshui14", "yangcheng1", "yanhu1", "yanhu4")
# Those, and others whose cases somebody looks at now, have papers: all would take time and room.
WITH_PAPERS = (
    *OPEN_FIRMS, "qinshui2", "qinshui4", "qinshui6", "qinshui7", "qinshui12", "qinshui13",
    "yangcheng2", "yangcheng4", "yangcheng9", "yangcheng10", "yangcheng12", "yangcheng14",
    "yanhu3", "yanhu8", "yanhu10", "yanhu12",
)  # fmt: skip
# The cases of last year that the city chose by the experts' scores, this many days ago.
CONTEST = 420
CHECKED_DOCUMENT = "晋市政办〔2021〕35号"


def in_year(today: date, back: int, month: int) -> int:
    """How many days ago the tenth of a month was, `back` years back."""
    return (today - date(today.year - back, month, 10)).days


def plans(today: date) -> Iterator[Plan]:
    """All cases."""
    # First upgrades of four and three years ago: their later tranches fall due now.
    for firm in ("qinshui1", "qinshui2"):
        yield Plan("jc-xsg", firm, in_year(today, 4, 8), batch="xsg-4-qinshui")
    yield Plan("yun-xsg", "yanhu1", in_year(today, 4, 8), batch="xsg-4-yanhu")
    for firm in ("qinshui3", "qinshui4"):
        yield Plan("jc-xsg", firm, in_year(today, 3, 8), batch="xsg-3-qinshui")
    yield Plan("jc-xsg", "yangcheng1", in_year(today, 3, 8), batch="xsg-3-yangcheng")
    yield Plan("yun-xsg", "yanhu2", in_year(today, 3, 8), batch="xsg-3-yanhu")
    yield from _last_year()
    yield from _this_year_upgrades()
    yield from _this_year_selected()
    yield from _this_year_yuncheng()


def _last_year() -> Iterator[Plan]:
    for firm in ("qinshui5", "qinshui6", "qinshui7"):
        yield Plan("jc-xsg", firm, 430, batch="xsg-last-qinshui")
    for firm in ("yangcheng2", "yangcheng3", "yangcheng4"):
        yield Plan("jc-xsg", firm, 428, batch="xsg-last-yangcheng")
    yield Plan("jc-xsg", "yangcheng5", 425, "rejected", answers=LOW_REVENUE)
    for firm, points in (
        ("qinshui3", ("88", "91.5", "86")),
        ("qinshui8", ("75", "80", None)),
        ("yangcheng1", ("83", "79", "84.5")),
        ("yangcheng6", ("90", "85", "92")),
        ("yangcheng7", ("61", "58", "64.5")),
    ):
        yield Plan("jc-zjtx-city", firm, CONTEST, "scored", points=points)
    for firm in ("qinshui10", "yangcheng8"):
        yield Plan("jc-share", firm, 410, batch="share-last")
    for firm in ("yanhu3", "yanhu4"):
        yield Plan("yun-xsg", firm, 415, batch="yun-xsg-last")
    for firm in ("yanhu1", "yanhu6"):
        yield Plan("yun-tsme-1", firm, 400, batch="yun-tsme-last")
    yield Plan("jc-base-city", "qinshui15", 405, batch="base-last")


def _this_year_upgrades() -> Iterator[Plan]:
    for firm in ("qinshui8", "qinshui9", "qinshui10", "qinshui11"):
        yield Plan("jc-xsg", firm, 120, batch="xsg-qinshui")
    for firm in ("yangcheng6", "yangcheng7", "yangcheng8"):
        yield Plan("jc-xsg", firm, 115, batch="xsg-yangcheng")
    yield Plan("jc-xsg", "yangcheng9", 110, "approved after correction", "xsg-yangcheng-late")
    yield Plan("jc-xsg", "qinshui12", 30, "approved after correction", "xsg-waiting")
    yield Plan("jc-xsg", "qinshui13", 28, batch="xsg-waiting")
    yield Plan("jc-xsg", "qinshui14", 21, "returned")
    yield Plan("jc-xsg", "yangcheng10", 19, "corrected")
    yield Plan("jc-xsg", "yangcheng11", 14, "accepted")
    yield Plan("jc-xsg", "yangcheng12", 33, "review asked", answers=LOW_REVENUE)
    yield Plan("jc-xsg", "yangcheng13", 25, "withdrawn")
    yield Plan("jc-techenvoy", "qinshui5", 58, "lapsed")
    yield Plan("jc-techenvoy", "qinshui10", 14, "submitted")
    yield Plan("jc-xsg", "yangcheng14", 3, "submitted")
    yield Plan("jc-xsg", "yangcheng5", 2, "submitted")
    yield Plan("jc-xsg", "qinshui15", 4, "draft")
    yield Plan("jc-xsg-field", "qinshui9", 100, batch="field")
    yield Plan("jc-xsg-field", "qinshui8", 98, batch="field")
    yield Plan("jc-xsg-field", "yangcheng6", 12, "accepted")
    yield Plan("jc-xsg-field", "qinshui12", 4, "submitted")


def _this_year_selected() -> Iterator[Plan]:
    """What experts, city or province have a say in."""
    for firm, points in (
        ("qinshui1", ("91", "95", "92")),
        ("qinshui2", ("94", "92", "90.5")),
        ("yangcheng2", ("92", "93", "91")),
    ):
        yield Plan("jc-zjtx-city", firm, 80, batch="zjtx-noticed", points=points)
    yield Plan(
        "jc-zjtx-city", "yangcheng4", 82, "approved after correction", "zjtx-noticed",
        points=("93", "90", "95.5"),
    )  # fmt: skip
    for firm, points in (
        ("qinshui4", ("84", "88", "79.5")),
        ("qinshui5", ("77", "81", "76")),
        ("qinshui6", ("90", "87.5", "93")),
        ("yangcheng3", ("77", "76", "81")),
        ("yangcheng11", ("55", "82", "60")),
    ):
        yield Plan("jc-zjtx-city", firm, 32, "scored", points=points)
    yield Plan("jc-zjtx-city", "yangcheng10", 26, "partly scored", points=("82",))
    yield Plan("jc-zjtx-city", "qinshui11", 22, "asked")
    yield Plan("jc-zjtx-city", "yangcheng12", 18, "recommended")
    yield Plan("jc-zjtx-city", "qinshui7", 9, "visited")
    yield Plan("jc-zjtx-city", "qinshui13", 1, "submitted")
    yield Plan("jc-zjtx-city", "yangcheng13", 5, "draft")
    yield Plan("jc-zjtx-prov", "qinshui3", 60, batch="prov")
    yield Plan("jc-zjtx-prov", "yangcheng1", 58, batch="prov")
    yield Plan("jc-share", "qinshui1", 70, batch="share")
    yield Plan("jc-share", "yangcheng9", 68, batch="share")
    yield Plan("jc-share", "qinshui9", 24, "returned")
    yield Plan("jc-share", "yangcheng5", 16, "recommended")
    yield Plan("jc-share", "qinshui12", 26, "reopened")
    for firm in ("yangcheng14", "yangcheng13"):
        yield Plan("jc-base-city", firm, 75, batch="base")
    yield Plan("jc-base-city", "qinshui14", 34, batch="base-drafted", subject="测试文创基地")
    for firm in ("qinshui2", "yangcheng3"):
        yield Plan("jc-proj-in", firm, 90, batch="inside")
    yield Plan("jc-proj-in", "qinshui13", 36, batch="inside-posted")
    yield Plan("jc-proj-out", "yangcheng2", 92, batch="outside")
    yield Plan("jc-proj-out", "qinshui6", 15, "recommended")
    yield Plan("jc-techenvoy", "qinshui4", 65, batch="envoy")
    yield Plan("jc-techenvoy", "yangcheng8", 6, "submitted")
    yield Plan("yang-tax", "yangcheng1", 55, batch="tax")
    yield Plan("yang-tax", "yangcheng4", 52, batch="tax")
    yield Plan("yang-tax", "yangcheng10", 8, "accepted")


def _this_year_yuncheng() -> Iterator[Plan]:
    for firm in ("yanhu5", "yanhu6", "yanhu7"):
        yield Plan("yun-xsg", firm, 105, batch="yun-xsg")
    yield Plan("yun-xsg", "yanhu8", 20, "accepted")
    yield Plan("yun-xsg", "yanhu9", 17, "review upheld", answers=LOW_REVENUE)
    yield Plan("yun-xsg", "yanhu10", 3, "submitted")
    yield Plan("yun-xsg", "yanhu13", 11, "draft")
    for firm in ("yanhu1", "yanhu4"):
        yield Plan("yun-zjtx", firm, 95, batch="yun-zjtx")
    yield Plan("yun-zjtx", "yanhu3", 40, batch="yun-zjtx-posted")
    for firm in ("yanhu2", "yanhu7", "yanhu8"):
        yield Plan("yun-tsme-1", firm, 85, batch="yun-tsme")
    yield Plan("yun-tsme-3", "yanhu1", 83, batch="yun-tsme-3")
    for firm in ("yanhu10", "yanhu11"):
        yield Plan("yun-new", firm, 78, batch="yun-new")
    yield Plan("yun-new", "yanhu12", 10, "accepted")
    yield Plan("yun-base", "yanhu12", 72, batch="yun-base")
    yield Plan("yun-plat", "yanhu4", 62, batch="yun-plat")
    yield Plan("yun-hte", "yanhu4", 50, batch="yun-hte")
    yield Plan("yun-intern", "yanhu9", 7, "submitted")
    yield Plan("yun-intern", "yanhu3", 29, "corrected")


def batches(today: date) -> Iterator[Batch]:
    """What happens to the approved cases together."""
    for back in (4, 3):
        days = in_year(today, back, 9)
        for place in ("qinshui", "yangcheng")[: 5 - back]:
            yield Batch(f"xsg-{back}-{place}", place, days, money="paid")
        yield Batch(f"xsg-{back}-yanhu", "yuncheng", days, money="paid")
    yield from BATCHES


BATCHES = (
    Batch("xsg-last-qinshui", "qinshui", 405, notice="ended", money="paid"),
    Batch("xsg-last-yangcheng", "yangcheng", 400, money="paid"),
    Batch("ranked", "jincheng", 380, notice="ended", upheld=True, money="paid"),
    Batch("share-last", "jincheng", 385, money="paid"),
    Batch("yun-xsg-last", "yuncheng", 395, by_sheet=True, money="paid"),
    Batch("yun-tsme-last", "yuncheng", 385, notice="ended", money="paid"),
    Batch("base-last", "jincheng", 375, notice="ended", money="paid"),
    Batch("xsg-qinshui", "qinshui", 100, notice="ended", money="paid"),
    Batch("xsg-yangcheng", "yangcheng", 95, money="drafted"),
    Batch("xsg-yangcheng-late", "yangcheng", 60, money="approved"),
    Batch("field", "qinshui", 80, money="approved"),
    Batch("zjtx-noticed", "jincheng", 45, notice="ended", upheld=True, money="confirmed"),
    Batch("prov", "jincheng", 40, money="confirmed"),
    Batch("share", "jincheng", 45, money="prepared"),
    Batch("base", "jincheng", 48, notice="ended", in_error=True, recognised=False),
    Batch("base-drafted", "jincheng", 8, notice="draft"),
    Batch("inside", "jincheng", 64, notice="ended", money="drafted"),
    Batch("inside-posted", "jincheng", 4, notice="objected"),
    Batch("outside", "jincheng", 76, notice="ended", money="paid"),
    Batch("envoy", "jincheng", 50, money="drafted"),
    Batch("tax", "yangcheng", 40, money="paid"),
    Batch("yun-xsg", "yuncheng", 85, money="paid"),
    Batch("yun-zjtx", "yuncheng", 75, notice="ended", money="approved"),
    Batch("yun-zjtx-posted", "yuncheng", 3, notice="posted"),
    Batch("yun-tsme", "yuncheng", 65, by_sheet=True, money="paid"),
    Batch("yun-tsme-3", "yuncheng", 50, money="drafted"),
    Batch("yun-new", "yuncheng", 60, money="confirmed"),
    Batch("yun-base", "yuncheng", 55, money="approved"),
    Batch("yun-plat", "yuncheng", 45, money="listed"),
    Batch("yun-hte", "yuncheng", 35, money="prepared"),
)


def stories(cast: Cast, today: date) -> Iterator[Story]:
    """Everything that happens."""
    for year in range(today.year - YEARS_BACK, today.year + 1):
        yield budget_story(cast, year)
    cast.expected.update(plan.batch for plan in plans(today) if plan.batch)
    yield from (case_story(cast, plan) for plan in plans(today))
    year = (today - timedelta(days=CONTEST)).year
    yield call_story(cast, "jc-zjtx-city", 24, until=6)
    yield drafted_call_story(cast, "jc-base-city", 3)
    yield ranking_story(cast, Contest("jc-zjtx-city", year, "专家评审"), places=4, days=395)
    yield from (batch_story(cast, batch) for batch in batches(today))
    yield accounts_story(cast, date(today.year - YEARS_BACK, 3, 1))
    yield change_story(cast, "yangcheng3", 20, "confirmed")
    yield change_story(cast, "qinshui9", 6, "refused")
    yield change_story(cast, "qinshui1", 2, "pending")
    yield from _money(cast, today)
    yield revocation_story(cast, "ranked", 40)
    yield drop_story(cast, "xsg-qinshui", 30)
    yield renaming_story(cast, "qinshui3", "沁水县测试智能装备有限公司", 22)
    yield moving_story(cast, "yangcheng7", "140521", 2)
    yield merger_story(cast, "qinshui10", "qinshui6", 9)
    yield from _around(cast)


def _money(cast: Cast, today: date) -> Iterator[Story]:
    yield later_story(cast, in_year(today, 1, 9), "paid")
    yield later_story(cast, 25, "confirmed", most=2)
    yield void_story(cast, 60)
    yield refund_story(cast, "晋城市中小企业奖补资金（演示）", 50, pay_again=False)
    yield refund_story(cast, "市级中小微企业发展专项资金", 20, pay_again=True)
    yield partial_story(cast, "晋城市中小企业奖补资金（演示）", 18)
    yield permit_story(cast, "省级下达阳城县资金（演示）", 10)
    yield second_thoughts_story(cast, 12)
    yield scarcity_story(cast, 5)


def _around(cast: Cast) -> Iterator[Story]:
    yield cover_story(cast, 30, until=4)
    yield assign_story(cast, "qinshui12", "reviewer.qinshui", 3)
    yield assign_story(cast, "qinshui13", "reviewer2.qinshui", 0)
    yield claim_story(cast, "qinshui5", "claims.qinshui", 4)
    yield claim_story(cast, "yangcheng11", "claims.yangcheng", 3)
    yield claim_story(cast, "yanhu11", "claims.yanhu", 2)
    yield claim_story(cast, "qinshui2", "claims.approved", 40, "approved")
    yield claim_story(cast, "yanhu2", "claims.rejected", 38, "rejected")
    yield invitation_story(cast, "qinshui1", "invited@demo.example", 2)
    yield unreachable_story(cast, "yangcheng12", 40)
    for firm, days in (("qinshui14", 13), ("yangcheng1", 5), ("yanhu4", 4), ("qinshui9", 1)):
        yield talk_story(cast, firm, days)
    for firm, programme, days in (
        ("yangcheng13", "jc-xsg", 30),
        ("yanhu8", "yun-xsg", 12),
        ("qinshui7", "jc-share", 6),
        ("qinshui6", "jc-xsg", 1),
    ):
        yield self_check_story(cast, firm, programme, days)
    wrong = "这里的年份和县里通知的不一样，请核对。"
    answer = "已核对原文，金额无误，补充了出处。"
    yield report_story({"programme": "jc-xsg", "criterion": "XSG.3"}, wrong, 45, answer)
    yield report_story(
        {"programme": "jc-zjtx-city", "level": "city", "payer": "140500"},
        "听说今年提高了，请更新。",
        9,
        "",
    )
    yield report_story({"programme": "yun-new"}, "每户金额有没有公布？", 2, "")
    yield proposal_story(cast, 2)
    yield edition_story(cast, "jc-xsg-field", 3)
    yield source_check_story(cast, "jc-xsg", CHECKED_DOCUMENT, 33)
    yield export_story(cast, 30)
    yield export_story(cast, 3)
    yield audit_story(cast, 2)
    for days in (300, 90, 30, 14, 7, 1):
        yield reading_story(days)
