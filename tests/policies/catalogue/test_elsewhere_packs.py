"""A county elsewhere: the guide of README.md from an empty database, and packs of four other cities."""

import io
import json
import re
import shlex
import shutil
import sys
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition, Fact, Programme
from policies.catalogue.packs.catalogue_pack import read_packs
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.rules.answers import parse_answers
from policies.rules.assessment import assess
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text("utf-8")
CITIES = {
    name: ROOT / "tests" / "policies" / "elsewhere" / name
    for name in ("sanmenxia", "ningbo", "qingdao", "fuyang")
}
ON = date(2026, 11, 20)


# --- the guide ----------------------------------------------------------------------------


def lines_of_the_guide():
    section = README.partition("\n## 换一个地方\n")[2].partition("\n## ")[0]
    [block] = re.findall(r"```sh\n(.*?)```", section, re.S)
    return [line.partition(" #")[0].strip() for line in block.splitlines()]


@contextmanager
def standard_input(text):
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
    try:
        yield
    finally:
        sys.stdin = before


def run(line, home):
    """One line of the guide, as a shell would take it; what it prints."""
    said, (*piped, last) = io.StringIO(), line.split(" | ")
    words = [word.replace("~", str(home)) for word in shlex.split(last)]
    if words[0] == "cp":
        assert words[1] == "-r"
        shutil.copytree(ROOT / words[2], words[3])
        return ""
    assert words[0] == "manage.py"
    text = shlex.split(piped[0])[1] if piped else ""
    with standard_input(text):
        call_command(*words[1:], stdout=said)
    return said.getvalue()


def test_the_guide_leads_from_an_empty_database_to_what_a_firm_gets(tmp_path):
    assert not Fact.objects.exists()
    said = [run(line, tmp_path) for line in lines_of_the_guide()]
    assert "新增项目 技术改造设备补助（qh-equipment）" in said[1]
    assert "没有发现问题" in said[3]
    answer = json.loads(said[-1])
    assert answer["totals"]["all"] == [17.6, 17.6]
    assert {each["programme"]: each["verdict"] for each in answer["programmes"]} == {
        "qh-equipment": "eligible",
        "qh-hiring": "eligible",
    }


@time_machine.travel("2026-11-20 10:00 +0800")
def test_a_firm_there_checks_itself_through_the_pages(client):
    load_packs(ROOT / "fixtures" / "elsewhere", timezone.now())
    for name in ("home", "programmes", "document-list", "calendar"):
        page = client.get(reverse(f"pages:{name}"))
        assert page.status_code == 200, name
        assert "山西" not in page.text
        assert "晋城" not in page.text
    assert "青禾县" in client.get(reverse("pages:home")).text
    assert "50 万元" in client.get(reverse("pages:programme", args=["qh-equipment"])).text
    assert client.get(reverse("pages:programmes"), {"q": "技改"}).text.count("技术改造设备补助")
    answers = {
        "enterprise__county": "990121",
        "equipment__invested": "200",
        "staff__hired": "8",
        "wages__in_arrears": "false",
    }
    address = reverse("self_check:self-check")
    for _ in range(10):
        page = client.get(address, follow=True)
        if page.redirect_chain:
            address = page.redirect_chain[-1][0]
        if "form" not in page.context or page.resolver_match.url_name == "result":
            break
        keys = [key for key in answers if f'name="{key}"' in page.text]
        assert keys, page.text
        sent = client.post(address, {key: answers[key] for key in keys})
        assert sent.status_code == 302, sent.text
        address = sent.url
    assert page.resolver_match.url_name == "result"
    assert "17.6" in page.text


# --- four other cities ----------------------------------------------------------------------


def total_of(**answers):
    """What all programmes together pay a firm: now, later, all; and the verdicts."""
    known = Catalogue()
    given = {key.replace("__", "."): value for key, value in answers.items()}
    found = assess(
        known.editions_in_force(ON), parse_answers(given, known.facts, ON), ON, known.facts
    )
    verdicts = {each["programme"]: each["verdict"] for each in found["programmes"]}
    return found, verdicts


def told(value):
    return [None if end is None else float(end) for end in value]


@time_machine.travel("2026-11-20 10:00 +0800")
@pytest.mark.parametrize("city", CITIES)
def test_the_pack_of_a_city_loads_into_an_empty_database_and_holds_together(city):
    """Its examples stand on both sides of each limit of the clauses: a load runs them."""
    load_packs(CITIES[city], timezone.now())
    said = io.StringIO()
    if city == "sanmenxia":  # whose clause ends with the year
        with pytest.raises(SystemExit):
            call_command("check_catalogue", stdout=said)
        assert said.getvalue().splitlines() == [
            "smx-insurance 2025-01-01 版 起止日期：自 2027-01-01 起没有版本，企业得不到答复，也不能申报"
        ]
    else:
        call_command("check_catalogue", stdout=said)
        assert "没有发现问题" in said.getvalue()
    assert Edition.objects.filter(examples=None).count() == 0
    call_command("check_catalogue", "--sources", stdout=said)


def test_insurance_is_given_back_in_sanmenxia():
    load_packs(CITIES["sanmenxia"], timezone.now())
    firm = {
        "enterprise__county": "411202",
        "insured__city": "411200",
        "insured__full_months": 12,
        "insured__people": 1000,
        "insured__laid_off": 55,
        "insured__kind": "sme",
        "insured__paid": 33.333333,
        "credit__seriously_dishonest": False,
    }
    found, verdicts = total_of(**firm)
    assert verdicts == {"smx-insurance": "eligible"}
    assert told(found["totals"]["all"]) == [19.9999998, 19.9999998]
    assert total_of(**firm | {"insured__laid_off": 56})[1] == {"smx-insurance": "not_eligible"}
    assert (
        told(total_of(**firm | {"insured__kind": "large"})[0]["totals"]["all"]) == [9.9999999] * 2
    )
    known = Catalogue()
    assert [each.programme for each in known.editions_in_force(date(2026, 12, 31))]
    assert not known.editions_in_force(date(2027, 1, 1))


def test_investment_is_paid_in_ningbo_with_the_tax_open_until_it_is_known():
    load_packs(CITIES["ningbo"], timezone.now())
    firm = {
        "enterprise__county": "330203",
        "invest__total": 10_000,
        "invest__listed_industry": True,
        "invest__stage": "started",
        "invest__field": "chips",
        "invest__equipment": 50_000,
    }
    level = total_of(**firm)[0]["programmes"][0]["awards"]["city"]
    assert (told(level["now"]), told(level["total"])) == ([1500, 1500], [5000, None])
    assert level["partly_known"]
    firm |= {
        "invest__city_tax_before": 100,
        "invest__city_tax_first": 150,
        "invest__city_tax_second": 90,
    }
    assert told(total_of(**firm)[0]["totals"]["all"]) == [5030, 5030]


def test_a_first_machine_is_paid_by_qingdao_and_by_the_district_that_the_firm_is_in():
    load_packs(CITIES["qingdao"], timezone.now())
    firm = {
        "first__recognised": "province",
        "first__products": [{"amount": 3000, "kind": "complete", "date": "2026-03-01"}],
        "first__kind": "complete",
        "first__price": 300,
        "first__district_revenue": 25,
    }
    districts = {
        "370281": [240, 240],
        "370214": [175, 175],
        "370215": [150, 200],
        "370202": [150, None],
    }
    for district, expected in districts.items():
        found, _ = total_of(enterprise__county=district, **firm)
        assert told(found["totals"]["all"])[0] == expected[0]
        assert told(found["totals"]["all"])[1] in (expected[1], 150), district
    assert found["totals"]["unpublished"] == [{"programme": "qd-first", "level": "county"}]


@pytest.mark.parametrize(
    ("equipment", "years", "total"),
    [(1001, 2, 80.08), (999, 2, 80), (1000, 2, 80), (9000, 20, 500)],
)
def test_of_the_bases_and_the_loan_of_fuyang_only_the_one_that_is_more_counts(
    equipment, years, total
):
    load_packs(CITIES["fuyang"], timezone.now())
    found, verdicts = total_of(
        enterprise__county="341202",
        bases__listed=True,
        bases__invested=3000,
        bases__projects=[{"amount": equipment}],
        loan__for_renovation=True,
        loan__amount=2000,
        loan__rate=0.05,
        loan__years=years,
    )
    assert verdicts["fy-bases"] == verdicts["fy-loan"] == "eligible"
    assert told(found["totals"]["all"]) == [total, total]


def test_the_packs_stand_beside_the_shipped_catalogue_and_change_nothing_of_it():
    load_catalogue()
    before = {row.key: row.choices for row in Fact.objects.all()}
    editions = set(Edition.objects.values_list("pk", "digest"))
    kept = []
    for folder in CITIES.values():
        kept += load_packs(folder, timezone.now()).kept
    assert editions < set(Edition.objects.values_list("pk", "digest"))
    for row in Fact.objects.filter(pk__in=before):
        assert before[row.key].items() <= row.choices.items()
    assert "411202" in Fact.objects.get(pk="enterprise.county").choices
    assert Programme.objects.count() == 87 + 8
    # What a pack says otherwise of what all share is told, and stays as it was.
    assert all("enterprise.county" in line or "国" in line for line in kept), kept
    counts = load_packs(ROOT / "fixtures", timezone.now())
    assert not (counts.new or counts.corrected or counts.changed)
    assert "411202" in Fact.objects.get(pk="enterprise.county").choices


# --- what is told before and instead ----------------------------------------------------------


def test_a_dry_run_tells_each_change_in_words_and_makes_none(tmp_path):
    folder = shutil.copytree(ROOT / "fixtures" / "elsewhere", tmp_path / "qinghe")
    load_packs(folder, timezone.now())
    before = list(Edition.objects.values_list("pk", "status", "digest"))
    programmes = folder / "programmes" / "qinghe.yaml"
    text = programmes.read_text("utf-8")
    text = text.replace("at_least: 100}", "at_least: 200}").replace(
        "name: 新招员工补助", "name: 招工补助"
    )
    programmes.write_text(text.replace("0999-1234567", "0999-7777777"), "utf-8")
    shutil.rmtree(folder / "examples")
    Fact.objects.filter(pk="staff.hired").update(help="看花名册")
    said = io.StringIO()
    call_command("load_catalogue", str(folder), "--dry-run", stdout=said)
    for told in (
        "修改项目 新招员工补助（qh-hiring）：“名称”由“新招员工补助”改为“招工补助”",
        "更正技术改造设备补助（qh-equipment）2026-01-10 起的版本",
        "  修改条件：QH.2 设备投资达到100万元，由“必备条件，今年技术改造的设备投资达到100万元”"
        "改为“必备条件，今年技术改造的设备投资达到200万元”",
        "由“0999-1234567”改为“0999-7777777”",
        "与目录包不同：指标 今年新招的本县员工（staff.hired）：“数据在哪里找”后台是“看花名册”",
        "未变：指标 4",
    ):
        assert told in said.getvalue(), said.getvalue()
    assert list(Edition.objects.values_list("pk", "status", "digest")) == before
    assert Programme.objects.get(pk="qh-hiring").name == "新招员工补助"


def test_files_that_nothing_reads_are_told(tmp_path):
    folder = shutil.copytree(ROOT / "fixtures" / "elsewhere", tmp_path / "qinghe")
    (folder / "synonyms.yaml").rename(folder / "synonym.yaml")
    (folder / "examples" / "qinghe.yaml").rename(folder / "examples" / "qinghe.yml")
    with pytest.raises(PackError) as refused:
        read_packs(folder)
    assert [(each.file, each.expected[:5]) for each in refused.value.problems] == [
        ("qinghe/examples/qinghe.yml", "文件名应以"),
        ("qinghe/synonym.yaml", "不认识的文"),
    ]
