"""Reports of errors: about things that exist, kept whole, and handled with a note."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.models import Document, Edition
from policies.pages.models import ErrorReport
from tests.factories import ErrorReportFactory, SelfCheckFactory, UserFactory
from tests.policies.packs import load_catalogue
from tests.two_editors import withdraw_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PAGE, THANKS = "/report-error/", "/report-error/thanks/"
CRITERION = f"{PAGE}?programme=jc-xsg&edition=2021-09-28&criterion=XSG.3"
AWARD = f"{PAGE}?programme=jc-xsg&edition=2021-09-28&level=city&payer=140500"
PROGRAMME = f"{PAGE}?programme=jc-xsg"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (CRITERION, ["升规当年的主营业务收入达到2000万元", "晋市政办〔2021〕35号 二（一）"]),
        (AWARD, ["市级 晋城市", "首次升规：20 万元", "晋市政办〔2021〕35号 三（四）"]),
        (PROGRAMME, ["规下工业企业首次升为规上给奖励"]),
        (f"{PAGE}?programme=jc-xsg&level=county", ["县级，金额未公布"]),
    ],
)
def test_the_form_shows_what_is_reported(client, url, shown, django_assert_max_num_queries):
    client.get(url)
    with django_assert_max_num_queries(8):
        page = client.get(url).content.decode()
    for text in shown:
        assert text in page


@pytest.mark.parametrize(
    "query",
    [
        "",
        "programme=",
        "programme=no-such",
        "programme=jc-xsg%00",
        "programme=jc-xsg&edition=2020-01-01",
        "programme=jc-xsg&edition=yesterday",
        "programme=jc-xsg&criterion=ZC.1",
        "programme=jc-xsg&criterion=%00",
        "programme=jc-xsg&level=village",
        "programme=jc-xsg&level=national",
        "programme=jc-xsg&level=city&payer=1",
        "programme=jc-xsg&level=city&payer=140800",
        "programme=jc-xsg&criterion=XSG.3&level=city",
    ],
)
def test_what_does_not_exist_is_not_found(client, query):
    assert client.get(f"{PAGE}?{query}").status_code == 404
    assert client.post(f"{PAGE}?{query}", {"problem": "错"}).status_code == 404
    assert not ErrorReport.objects.exists()


def test_a_draft_is_not_found(client):
    edition = Edition.objects.get(programme="jc-xsg")
    Edition.objects.create(programme=edition.programme, effective_from="2030-01-01")
    assert client.get(f"{PROGRAMME}&edition=2030-01-01").status_code == 404


def test_a_report_keeps_what_was_seen_and_said(client):
    response = client.post(CRITERION, {"problem": "<b>应为</b>\r\n3000万元", "contact": "a@b.cn"})
    assert response.headers["Location"] == THANKS
    assert "已收到" in client.get(THANKS).content.decode()
    report = ErrorReport.objects.get()
    assert report.programme_id == "jc-xsg"
    assert report.criterion.code == "XSG.3"
    assert report.edition == report.criterion.edition
    assert "2000万元" in report.seen_text
    assert "沁水县申报指南 小升规·政策对象" in report.seen_text
    assert "XSG.3" in report.subject
    assert report.problem.startswith("<b>应为</b>")
    assert report.contact == "a@b.cn"
    assert not report.handled


def test_a_report_on_an_award_names_it(client):
    client.post(AWARD, {"problem": "金额不对"})
    assert ErrorReport.objects.get().award.level == "city"


@pytest.mark.parametrize(
    ("problem", "contact", "told"),
    [
        ("", "电话", "请写明哪里不对。"),
        ("   ", "电话", "请写明哪里不对。"),
        ("错" * 2001, "电话", "最多 2000 字，您写了 2001 字。"),
        ("金额不对", "电" * 101, "最多 100 字"),
        ("金额\x00不对", "电话", "含有不能识别的字符"),
        ("<i>金额</i>", "\x00", "含有不能识别的字符"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(client, problem, contact, told):
    response = client.post(CRITERION, {"problem": problem, "contact": contact})
    page = response.content.decode()
    assert told in page
    assert response.context["form"]["problem"].value() == problem
    assert response.context["form"]["contact"].value() == contact
    assert "<i>金额" not in page
    assert not ErrorReport.objects.exists()


def test_too_many_reports_wait_with_all_that_was_typed(client, settings):
    settings.ANONYMOUS_POST_RATE = "0/h"
    response = client.post(CRITERION, {"problem": "金额不对", "contact": "电话"})
    assert response.status_code == 429
    page = response.content.decode()
    assert 'name="problem" value="金额不对"' in page
    assert 'name="contact" value="电话"' in page


def test_pages_stay_out_of_indexes_and_other_methods_are_refused(client):
    assert "noindex" in client.get(CRITERION)["X-Robots-Tag"]
    assert client.put(CRITERION).status_code == 405
    assert client.post(THANKS).status_code == 405


def links(page):
    pieces = page.split(f'href="{PAGE}')[1:]
    return [PAGE + piece.split('"')[0].replace("&amp;", "&") for piece in pieces]


def test_every_link_on_the_pages_leads_to_a_form(client):
    pages = [
        reverse("self_check:result", args=[SelfCheckFactory().token]),
        "/calendar/",
        *(
            reverse("pages:document", args=[document.pk])
            for document in Document.objects.filter(
                number__in=["晋市政办〔2021〕35号", "沁水县申报指南"]
            )
        ),
    ]
    found = {link for page in pages for link in links(client.get(page).content.decode())}
    kinds = {name for link in found for name in parse_qs(urlsplit(link).query)}
    assert kinds == {"programme", "edition", "criterion", "level", "payer"}
    assert len(found) > 100
    for link in found:
        assert client.get(link).status_code == 200, link


def test_a_report_outlives_its_edition(client):
    client.post(CRITERION, {"problem": "金额不对"})
    edition = Edition.objects.get(programme="jc-xsg")
    withdraw_edition(edition, reason="发布错了", now=timezone.now())
    assert client.get(CRITERION).status_code == 404
    report = ErrorReport.objects.get()
    assert report.edition == edition
    assert report.criterion.edition == edition
    assert "2000万元" in report.seen_text


def test_the_database_refuses_handled_without_a_note():
    with pytest.raises(IntegrityError):
        ErrorReportFactory(handled=True)


@pytest.fixture
def editor(client):
    client.force_login(
        UserFactory(
            permissions=["view_errorreport", "change_errorreport", "view_edition"],
            jurisdiction_code="140000",
        )
    )


def admin(name, *args):
    return reverse(f"admin:pages_errorreport_{name}", args=args)


def test_editors_see_unhandled_reports_first(client, editor):
    ErrorReportFactory(subject="已办的", handled=True, note="已改")
    ErrorReportFactory(subject="待办的")
    ErrorReportFactory(subject="又办的", handled=True, note="已改")
    page = client.get(admin("changelist")).content.decode()
    assert page.index("待办的") < page.index("又办的") < page.index("已办的")


def test_an_editor_handles_a_report_with_a_note_only(client, editor):
    edition = Edition.objects.get(programme="jc-xsg")
    report = ErrorReportFactory(edition=edition, problem="<script>错</script>")
    url = admin("change", report.pk)
    page = client.get(url).content.decode()
    assert reverse("admin:catalogue_edition_change", args=[edition.pk]) in page
    assert "<script>错" not in page
    page = client.post(url, {"handled": "on", "note": " "}).content.decode()
    assert "请写明怎样处理的" in page
    report.refresh_from_db()
    assert not report.handled
    client.post(url, {"handled": "on", "note": "已改", "problem": "改不了"})
    report.refresh_from_db()
    assert report.handled
    assert report.note == "已改"
    assert report.problem == "<script>错</script>"


def test_nobody_adds_reports_in_the_admin_and_strangers_see_none(client, admin_client):
    assert admin_client.get(admin("add")).status_code == 403
    client.logout()
    assert client.get(admin("changelist")).status_code == 302
    client.force_login(UserFactory())
    assert client.get(admin("changelist")).status_code == 403


def test_the_list_takes_the_same_queries_however_long(client, editor, django_assert_num_queries):
    ErrorReportFactory()
    client.get(admin("changelist"))
    with django_assert_num_queries(9):
        client.get(admin("changelist"))
    ErrorReportFactory.create_batch(5)
    with django_assert_num_queries(9):
        response = client.get(admin("changelist"))
    assert len(response.context["cl"].result_list) == 6
