"""Calls: one that runs, prolonged once, and a draft that waits for a second person."""

from datetime import timedelta

from django.utils import timezone

from applications.cases.services.calls import (
    Asked,
    draft_call,
    move_last_day,
    open_call,
    set_county_day,
    warn_of_last_days,
)
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from tests.demo.accounts import ROOT
from tests.demo.cases import Cast
from tests.demo.clock import Story

TEXT = """各县（市、区）中小企业主管部门、有关企业：

今年的申报在网上办理。请对照项目页面的条件和材料清单填写，上传盖章的扫描件；县级初审后报市里评审。

逾期不再受理，没有提交的草稿会留着，下次可以接着填。"""


def call_story(cast: Cast, programme: str, days: int, until: int) -> Story:
    """Drafted, opened by another, prolonged for a week; now it ends in `until` days, and in 阳城县
    three days before.
    """
    yield days
    reviewer, other = cast.staff["reviewer.jincheng"], cast.staff[ROOT]
    own, today = Programme.objects.get(pk=programme), timezone.localdate()
    last = timezone.localdate(cast.now) + timedelta(days=until)
    words = {
        "title": f"关于组织申报{own.name}的通知（演示）",
        "text": TEXT,
        "document_number": f"演示〔{today.year}〕12号",
        "document": None,
        "opens_on": today,
        "closes_on": last - timedelta(days=7),
        "places_are": "limited",
        "places": 5,
        "office": "企业服务科（演示）",
        "telephone": "0356-0000000",
    }
    call = draft_call(
        programme=own,
        words=words,
        materials=[Asked("诚信承诺函", "法定代表人签字并盖章")],
        actor=reviewer,
        now=timezone.now(),
    )
    open_call(call=call, seen=call.version, actor=other, now=timezone.now())
    yield 6
    reason = "统计部门的数据还没有反馈，延期一周。"
    move_last_day(call=call, closes_on=last, reason=reason, actor=reviewer, now=timezone.now())
    set_county_day(
        call=call,
        county=Jurisdiction.objects.get(pk="140522"),
        last_day=last - timedelta(days=3),
        reason="县里要先初审，留三天。",
        actor=cast.staff["reviewer.yangcheng"],
        now=timezone.now(),
    )
    yield 0
    warn_of_last_days(timezone.now())


def drafted_call_story(cast: Cast, programme: str, days: int) -> Story:
    """Written by the superuser for next year; the reviewer of the city may open it."""
    yield days
    own, year = Programme.objects.get(pk=programme), timezone.localdate().year + 1
    draft_call(
        programme=own,
        words={
            "title": f"关于组织申报{year}年{own.name}的通知（演示）",
            "text": TEXT,
            "document_number": "",
            "document": None,
            "opens_on": timezone.localdate().replace(year=year, month=3, day=1),
            "closes_on": timezone.localdate().replace(year=year, month=4, day=30),
            "places_are": "unpublished",
            "places": None,
            "office": "企业服务科（演示）",
            "telephone": "0356-0000000",
        },
        materials=[],
        actor=cast.staff[ROOT],
        now=timezone.now(),
    )
