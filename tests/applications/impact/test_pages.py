"""Pages of impact: what each reader sees of a run, variants as people type them, files, and one's own place."""

import csv
import io
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.centre.models import ExportLog
from applications.impact.models import Affected, CountyTally, Run, Variant
from applications.impact.services.results import result_of
from applications.impact.services.runs import forget_old_runs
from applications.money.models import Fund
from policies.catalogue.models import Edition, Programme
from portal.jobs.work import do_one, work_off
from portal.models import Job
from tests.applications.impact.world import asked, draft_of, editor, firms_with_profiles, keys_of
from tests.factories import ApplicationFactory, FundFactory, ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition
from tests.workbook import cells_of

AMOUNT, LIMIT = "awards/0/tranches/0/amount", "criteria/2/rule"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    load_catalogue()


@pytest.fixture
def draft():
    return draft_of("jc-xsg", **{AMOUNT: 20})


@pytest.fixture
def run(draft):
    """Of sixty firms in five counties and two cities."""
    firms = firms_with_profiles(60, keys_of("jc-xsg"), unknown=0.05)
    standing = Edition.objects.get(programme="jc-xsg", status="published")
    ApplicationFactory(enterprise=firms[0], edition=standing, on=timezone.localdate())
    made = asked(draft, editor())
    work_off(timezone.now)
    made.refresh_from_db()
    assert made.finished_at
    return made


def page(name, *args):
    return reverse(f"admin:impact_run_{name}", args=args)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_draft_leads_to_its_impact_and_the_worker_shows_how_far_it_is(client, draft, monkeypatch):
    from applications.impact.services import runs

    monkeypatch.setattr(runs, "FIRMS_OF_BLOCK", 10)
    firms_with_profiles(35, keys_of("jc-xsg"))
    client.force_login(editor())
    own = client.get(reverse("admin:catalogue_edition_change", args=[draft.pk]))
    assert page("edition", draft.pk) in own.content.decode()
    assert "用所有有档案的企业逐家测算" in text(client.get(page("edition", draft.pk)))
    refused = client.post(page("ask", draft.pk), {})
    assert refused.status_code == 400
    assert "请选按哪一天测算" in text(refused)
    response = client.post(page("ask", draft.pk), {"day": "today"})
    run = Run.objects.get()
    assert response.url == page("result", run.pk)
    assert "后台程序现在没有运行" in text(client.get(response.url))
    do_one("a worker that is stopped", timezone.now, leaves=iter([False, True]).__next__)
    shown = client.get(response.url).content.decode()
    assert 'value="40"' in shown
    assert 'hx-select="#run"' in shown
    client.post(page("stop", run.pk))
    shown = text(client.get(response.url))
    assert "没有算完：" in shown
    assert "要多少钱" not in shown
    Job.objects.all().delete()
    assert "任务已过期删除" in text(client.get(response.url))
    client.post(page("remove", run.pk))
    assert not Run.objects.exists()


def test_each_reader_sees_the_figures_and_the_firms_of_their_own_place(client, run):
    whole = result_of(run, CountyTally.objects.filter(run=run, is_of_cases=False))
    assert whole.plans[1].changes["money"]
    seen = {}
    for who, role, code in (
        ("county", "政策编辑", "140521"),
        ("city", "政策编辑", "140500"),
        ("other city", "政策编辑", "140800"),
        ("province", "政策编辑", "140000"),
        ("head", "负责人", "140521"),
    ):
        client.force_login(editor(code, role))
        response = client.get(page("result", run.pk))
        result = response.context["result"]
        counties = {name for name, _ in response.context["counties"]}
        listed = client.get(
            reverse("admin:impact_affected_changelist"), {"run": run.pk, "plan": 1, "of": "firms"}
        )
        places = {row.county_id for row in listed.context["cl"].result_list}
        names = {row.enterprise.name for row in listed.context["cl"].result_list}
        assert all(name in text(listed) for name in names)
        seen[who] = (result.firms, counties, places, listed.context["cl"].result_count)
        may_open = "/admin/enterprises/enterprise/" in listed.content.decode()
        assert may_open == (role == "负责人")
    assert seen["county"][1] == {"沁水县"}
    assert seen["county"][2] == {"140521"}
    assert seen["head"][:3] == seen["county"][:3]
    assert {code[:4] for code in seen["city"][2]} == {"1405"}
    assert not seen["other city"][2], "no firm of the other city is treated otherwise"
    assert seen["province"][0] == seen["city"][0] + seen["other city"][0] == 60
    # Who has no right to it.
    for role, status in (("审核员", 403), ("财务", 403), ("用户管理", 403)):
        client.force_login(editor("140500", role))
        assert client.get(page("result", run.pk)).status_code == status
        assert client.get(reverse("admin:impact_affected_changelist")).status_code == status


def test_a_figure_leads_to_the_firms_that_it_counts(client, run):
    client.force_login(editor("140000"))
    response = client.get(page("result", run.pk))
    found = re.findall(r'<a href="([^"]*affected[^"]*)">(\d+)</a>', response.content.decode())
    assert found
    for address, count in found:
        listed = client.get(address.replace("&amp;", "&"))
        assert listed.context["cl"].result_count == int(count), address
    assert client.get(reverse("admin:impact_affected_changelist")).url == page("changelist")
    assert client.get(reverse("admin:impact_affected_changelist"), {"run": "x"}).status_code == 302


def test_the_money_stands_against_the_budgets_of_ones_own_funds(client, run):
    programme = Programme.objects.get(pk="jc-xsg")
    for place, level, amount in (("140500", "city", 30), ("140521", "county", 5000)):
        fund = FundFactory(level=level, jurisdiction_id=place, jurisdiction=None, budget=amount)
        fund.programmes.add(programme)
    client.force_login(editor("140500"))
    rows = {row.level: row for row in client.get(page("result", run.pk)).context["budgets"]}
    whole = result_of(
        run, CountyTally.objects.filter(run=run, is_of_cases=False, county__parent="140500")
    )
    [_, need] = rows["市级"].needs
    assert need.money == whole.plans[1].paid("city", "now")
    assert need.left == (30 - need.money.upper, 30 - need.money.least)
    assert need.is_beyond
    qinshui = result_of(
        run, CountyTally.objects.filter(run=run, is_of_cases=False, county="140521")
    )
    assert rows["县级"].needs[1].money == qinshui.plans[1].paid("county", "now")
    assert "不够，差" in text(client.get(page("result", run.pk)))
    client.force_login(editor("140521"))
    own = client.get(page("result", run.pk)).context["budgets"]
    assert [row.level for row in own] == ["县级"]
    assert Fund.objects.count() == 2


def test_variants_are_typed_in_words_shown_side_by_side_and_used(client, draft):
    firms_with_profiles(60, keys_of("jc-xsg"), unknown=0.05)
    client.force_login(editor())
    add = page("add_variant", draft.pk)
    form = client.get(add).context["form"]
    labels = {field.label: name for name, field in form.fields.items()}
    [limit] = [
        name for label, name in labels.items() if "主营业务收入" in label and "2000" in label
    ]
    amount = f"n.{AMOUNT.replace('/', '.')}"
    assert form.fields[amount].label == "首次升规（现在 20 万元）"
    for typed, told in (
        ({}, "还没有改动任何数字"),
        ({amount: "20"}, "还没有改动任何数字"),
        ({amount: "很多"}, "很多"),
        ({amount: "-3"}, "不能测算"),
        ({limit: "1500人"}, "1500人"),
        ({limit: "9999999999"}, "这个指标只能填"),
    ):
        refused = client.post(add, {"title": "试", **typed})
        assert refused.status_code == 400, typed
        assert told in text(refused), typed
        # Nothing typed is lost.
        assert all(f'value="{value}"' in refused.content.decode() for value in typed.values())
    # What the browser kept of a form that was left is shown again, and not saved.
    resumed = client.post(add, {"_resume": "1", "title": "半截", amount: "很多"})
    assert resumed.status_code == 200
    assert all(f'value="{typed}"' in resumed.content.decode() for typed in ("半截", "很多"))
    assert not Variant.objects.exists()
    client.post(add, {"title": "三十万，从六百起", amount: "30万", limit: "600万"})
    [variant] = Variant.objects.all()
    assert {(each["shown"], each["becomes"]) for each in variant.numbers} == {
        ("20 万元", "30 万元"), ("2000 万元", "600 万元"),
    }  # fmt: skip
    again = client.post(add, {"title": "三十万，从六百起", amount: "31"})
    assert "已有同名的方案" in text(again)
    client.post(page("variant", variant.pk), {"title": "改名", amount: "30", limit: "600"})
    for number in range(4):
        client.post(add, {"title": f"方案{number}", amount: f"{number + 1}"})
    assert "最多试 5 个" in text(client.post(add, {"title": "太多", amount: "9"}))
    client.post(page("ask", draft.pk), {"day": "today"})
    work_off(timezone.now)
    run = Run.objects.get()
    shown = client.get(page("result", run.pk))
    assert run.titles[2:] == ["改名", "方案0", "方案1", "方案2", "方案3"]
    assert len(shown.context["plans"]) == 7
    plans = shown.context["result"].plans
    assert plans[2].verdicts[1] > plans[1].verdicts[1], "more come in from 600 on"
    assert plans[3].now.least < plans[1].now.least

    used = client.post(page("use_variant", variant.pk), follow=True)
    assert "请看看例子还对不对" in text(used)
    tranche = draft.awards.all()[0].tranches.get(position=1)
    assert tranche.amount == 30
    assert {"fact": "revenue.main_business.y0", "at_least": 600} in list(_rules(draft))
    told = list(LogEntry.objects.values_list("change_message", flat=True))
    assert any("取用方案“改名”：20 万元 → 30 万元" in each for each in told)
    assert not Variant.objects.filter(pk=variant.pk).exists()
    # The others were made for 20, not for 30.
    other = Variant.objects.get(title="方案0")
    refused = client.post(page("use_variant", other.pk), follow=True)
    assert "草稿里的数字已经改过" in text(refused)
    assert "草稿里的数字已经改过" in text(client.post(page("ask", draft.pk), {"day": "today"}))
    assert "这个结果过时了：算过以后，版本的内容改过了，方案改过了" in text(
        client.get(page("result", run.pk))
    )
    client.post(page("remove_variant", other.pk))
    assert not Variant.objects.filter(title="方案0").exists()
    publish_edition(ready(draft))
    late = client.post(page("use_variant", Variant.objects.first().pk), follow=True)
    assert "已经发布，内容不能再改" in text(late)
    assert client.get(page("variant", Variant.objects.first().pk)).status_code == 302


def _rules(draft):
    def parts(rule):
        if isinstance(rule, dict):
            yield {key: value for key, value in rule.items() if key in ("fact", "at_least")}
            for value in rule.values():
                yield from parts(value)
        elif isinstance(rule, list):
            for each in rule:
                yield from parts(each)

    for criterion in draft.criteria.all():
        yield from parts(criterion.rule)


def test_only_editors_of_the_place_ask_change_and_delete(client, run):
    variant = Variant.objects.create(edition=run.edition, title="试", numbers=[])
    posts = [
        page("ask", run.edition_id), page("stop", run.pk), page("remove", run.pk),
        page("add_variant", run.edition_id), page("variant", variant.pk),
        page("remove_variant", variant.pk), page("use_variant", variant.pk),
    ]  # fmt: skip
    for code, role, status in (("140800", "政策编辑", 404), ("140500", "负责人", 403)):
        client.force_login(editor(code, role))
        for address in posts:
            assert client.post(address).status_code == status, address
        assert "开始测算" not in text(client.get(page("edition", run.edition_id)))
    assert Run.objects.count() == Variant.objects.count() == 1


def test_totals_and_firms_go_out_as_files_on_record(client, run):
    Affected.objects.filter(run=run).first().enterprise.__class__.objects.update(name="=1+1 公司")
    client.force_login(editor("140500"))
    file = client.post(page("file", run.pk), {"format": "csv"})
    told = b"".join(file.streaming_content).decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(told)) if len(row) > 5]
    header = next(number for number, row in enumerate(rows) if "级别" in row)
    names = rows[header]
    lines = [dict(zip(names, row, strict=True)) for row in rows[header + 1 :]]
    mine = [
        line
        for line in lines
        if (line["方案"], line["级别"], line["算的是"]) == ("这份草稿", "各级合计", "企业")
    ]
    now = [line for line in mine if line["什么时候给"].strip() == "2026 年"]
    result = result_of(
        run, CountyTally.objects.filter(run=run, is_of_cases=False, county__parent="140500")
    )
    assert sum(int(line["符合"]) for line in now) == result.plans[1].verdicts[1]
    paid = sum(float(line["符合的至少（万元）"]) for line in now)
    assert paid == float(result.plans[1].now.least)
    sheet = client.post(page("file", run.pk), {"format": "xlsx"})
    cells = cells_of(b"".join(sheet.streaming_content)).values()
    assert "各级合计" in {cell.value for cell in cells}
    assert client.post(page("file", run.pk), {"format": "pdf"}).status_code == 404
    assert [log.key for log in ExportLog.objects.all()] == ["impact-totals"] * 2
    # Lists of firms leave by the right to export lists only, which editors do not have.
    listed = reverse("admin:impact_affected_list", args=["affected"])
    assert client.post(f"{listed}?run={run.pk}&plan=1", {"format": "csv"}).status_code == 403
    client.force_login(editor("140500", "负责人"))
    file = client.post(f"{listed}?run={run.pk}&plan=1&of=firms", {"format": "csv"})
    told = b"".join(file.streaming_content).decode("utf-8-sig")
    count = (
        Affected.objects.filter(run=run, plan=1, application=None).exclude(county="140802").count()
    )
    assert told.count("金额有变") + told.count("进来") + told.count("资料不足") >= count
    # A formula is no formula any more.
    assert "=1+1 公司" in told
    assert not re.search(r'(^|,)"?=1\+1', told, re.M)


def test_a_draft_can_be_deleted_and_takes_its_runs_away_without_telling_of_firms(client, run):
    client.force_login(editor())
    name, pk = Affected.objects.filter(run=run).first().enterprise.name, run.edition_id
    address = reverse("admin:catalogue_edition_delete", args=[pk])
    shown = client.get(address)
    assert name not in shown.content.decode()
    client.post(address, {"reason": "不做了", "post": "yes"})
    assert not Edition.objects.filter(pk=pk).exists()
    assert client.get(page("result", run.pk)).status_code == 404
    gone = client.get(reverse("admin:impact_affected_changelist"), {"run": run.pk})
    assert gone.status_code == 302
    assert client.get(page("changelist")).context["cl"].result_count == 0
    assert forget_old_runs(timezone.now()) == 1
    assert not Affected.objects.exists()


def test_pages_ask_the_database_as_often_for_many_as_for_few(client, run):
    client.force_login(editor("140000"))
    asked_of = {}
    for name, address in (
        ("result", page("result", run.pk)),
        ("edition", page("edition", run.edition_id)),
        ("list", f"{reverse('admin:impact_affected_changelist')}?run={run.pk}&plan=1"),
    ):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        asked_of[name] = len(queries)
    assert asked_of["result"] <= 45
    assert asked_of["edition"] <= 25
    assert asked_of["list"] <= 25
    counties = set(CountyTally.objects.filter(run=run).values_list("county", flat=True))
    assert len(counties) > 3


def test_an_empty_world_and_a_faulty_draft_are_told_in_words(client, draft):
    client.force_login(editor())
    client.post(page("ask", draft.pk), {"day": "first_day"})
    work_off(timezone.now)
    run = Run.objects.get()
    assert f"{run.on}" == "2027-01-01"
    shown = text(client.get(page("result", run.pk)))
    assert "没有填过档案的企业" in shown
    assert "没有用前一版本申报的" in shown
    assert "还没有算完" not in shown
    tranche = draft.awards.all()[0].tranches.first()
    tranche.amount = {"share": {}}
    tranche.save()
    refused = client.post(page("ask", draft.pk), {"day": "today"})
    assert refused.status_code == 400
    assert "“这份草稿”还不能测算" in text(refused)
    assert client.get(page("add_variant", draft.pk)).status_code == 200
