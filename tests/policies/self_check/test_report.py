"""The report to keep: the PDF, the JSON, and the short code that leads back."""

import json
import socket
import subprocess
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from policies.catalogue.models import Document, Programme
from policies.self_check.models import CODE_ALPHABET, CODE_LENGTH, SelfCheck, new_code
from policies.self_check.self_checks import read_code
from portal.jobs.asking import MOST_OF_VISITORS
from portal.jobs.tidying import KEPT, forget_old
from portal.jobs.work import work_off
from portal.models import Job
from portal.pdf import html_to_pdf
from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def catalogue(db):
    load_catalogue()


@pytest.fixture
def check(db):
    return SelfCheckFactory(families=["小升规"])


def address(name, check):
    return reverse(f"self_check:{name}", args=[check.token])


def read_pdf(program, content, *options):
    """What one of poppler's programs says of a PDF."""
    done = subprocess.run([program, *options], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def text_of(content):
    """What is printed, without spaces: lines are broken anywhere."""
    return "".join(read_pdf("pdftotext", content, "-layout", "-", "-").split())


def fetched(client, check):
    """The report as a reader gets it: asked for, made by a worker, fetched."""
    assert client.post(address("result-pdf", check)).url == address("result-report", check)
    assert work_off(timezone.now) == 1
    response = client.get(address("result-pdf", check))
    assert response.status_code == 200
    return response


@pytest.fixture
def paper(client, catalogue, check, files_root):
    return b"".join(fetched(client, check).streaming_content)


def test_the_pdf_says_what_the_result_says(paper, check):
    text = text_of(paper)
    for said in ("沁水县", "未公布", "135万元", "晋市政办〔2021〕35号", "时效待核实"):
        assert said in text
    assert f"http://testserver/r/{check.code}/" in text
    assert check.code_in_halves in text
    assert check.token not in text
    document = Document.objects.get(number="晋市政办〔2021〕35号")
    assert f"http://testserver{document.address_of('三（四）')}" in links_of(paper)
    assert f"http://testserver{document.get_absolute_url()}" in links_of(paper)


def links_of(content):
    """The addresses that a PDF leads to."""
    pages = PdfReader(BytesIO(content)).pages
    notes = [note.get_object() for page in pages for note in page.get("/Annots", ())]
    return {note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})}


def test_the_pdf_is_a4_with_numbered_pages(paper):
    about = read_pdf("pdfinfo", paper, "-")
    assert "(A4)" in about
    assert "Tagged:          yes" in about
    pages = int(about.split("Pages:")[1].split()[0])
    text = text_of(paper)
    for number in range(1, pages + 1):
        assert f"第{number}页共{pages}页" in text


def test_all_fonts_are_chinese_and_embedded(paper):
    fonts = read_pdf("pdffonts", paper, "-").splitlines()[2:]
    assert fonts
    for font in fonts:
        assert "Noto-Sans-CJK-SC" in font
        assert font.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, subset, as text


def test_the_pdf_is_a_private_file_with_a_name(client, catalogue, check, files_root):
    response = fetched(client, check)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_no_page_makes_the_pdf(client, catalogue, check, files_root, monkeypatch):
    """Where nobody works, a visitor's report costs no page more than its text."""
    made = []
    monkeypatch.setattr("weasyprint.HTML.write_pdf", lambda *a, **k: made.append(a))
    client.post(address("result-pdf", check))
    assert client.get(address("result-pdf", check)).url == address("result-report", check)
    page = client.get(address("result-report", check)).content.decode()
    assert "后台程序现在没有运行" in page
    assert address("result-print", check) in page
    assert not made


def test_asking_for_the_report_takes_few_queries(
    client, catalogue, check, files_root, django_assert_max_num_queries
):
    client.get(address("result-print", check))
    with django_assert_max_num_queries(17):
        client.post(address("result-pdf", check))
    with django_assert_max_num_queries(5):
        client.get(address("result-report", check))


def test_the_same_report_is_made_once_and_another_one_when_it_says_something_else(
    client, catalogue, check, files_root
):
    fetched(client, check)
    assert client.post(address("result-pdf", check)).url == address("result-pdf", check)
    first = Job.objects.get()
    SelfCheck.objects.update(answers={**check.answers, "enterprise.employees": 86})
    assert client.post(address("result-pdf", check)).url == address("result-report", check)
    assert Job.objects.get() != first


def test_a_report_is_reached_by_the_token_of_its_result_alone(
    client, catalogue, check, files_root, admin_client
):
    fetched(client, check)
    job = Job.objects.get()
    assert job.owner is None
    other = SelfCheckFactory()
    assert client.get(address("result-pdf", other)).url == address("result-report", other)
    assert "还没有做这份报告" in client.get(address("result-report", other)).content.decode()
    for name in ("job", "job-file"):
        assert admin_client.get(reverse(name, args=[job.reference])).status_code == 404
    told = str(Job.objects.values())
    assert check.token not in told
    assert check.code not in told


def test_a_report_goes_with_its_result_and_after_a_day(
    client, catalogue, check, files_root, django_capture_on_commit_callbacks
):
    fetched(client, check)
    path = Job.objects.get().path
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        forget_old(timezone.now() + KEPT + timedelta(seconds=1))
    assert not path.exists()
    page = client.get(address("result-report", check)).content.decode()
    assert "还没有做这份报告，或已过期删除" in page
    fetched(client, check)
    path = Job.objects.get().path
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("result-delete", check))
    assert not path.exists()
    assert not Job.objects.exists()


def test_a_flood_of_reports_is_refused_in_words(client, catalogue, check, files_root):
    for number in range(MOST_OF_VISITORS):
        Job.objects.create(kind="x", title="测算报告", digest=str(number), asked_at=timezone.now())
    response = client.post(address("result-pdf", check))
    assert response.status_code == 503
    page = response.content.decode()
    assert "现在要做的报告太多" in page
    assert "做一份报告" in page


@pytest.mark.parametrize(
    "loaded",
    [
        '<img src="http://192.0.2.1/a.png">',
        '<link rel="stylesheet" href="https://192.0.2.1/a.css">',
        '<img src="file:///etc/hostname">',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<style>@import url("file:///etc/hostname"); p { background: url(//192.0.2.1/) }</style>',
        '<object data="data:image/svg+xml,%3Csvg/%3E"></object>',
    ],
)
def test_a_document_loads_nothing(loaded, monkeypatch):
    opened = []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: opened.append(a))
    monkeypatch.setattr(
        "weasyprint.urls.URLFetcher.fetch", lambda self, url, headers=None: opened.append(url)
    )
    assert "正文" in text_of(html_to_pdf(f"{loaded}<p>正文</p>"))
    assert not opened


def test_words_of_editors_are_text_in_the_pdf(client, catalogue, check, files_root):
    Programme.objects.filter(pk="jc-xsg").update(
        name="<img src=x>奖励", updated_at=timezone.now() + timedelta(seconds=1)
    )
    assert "<imgsrc=x>奖励" in text_of(b"".join(fetched(client, check).streaming_content))


@pytest.mark.parametrize("families", [[], ["小升规", "双创基地"]])
def test_the_json_is_what_the_command_prints(client, catalogue, families, tmp_path):
    check = SelfCheckFactory(families=families, unclear=["field.shanxi_14_sei"])
    response = client.get(address("result-json", check))
    file, printed = tmp_path / "answers.json", StringIO()
    file.write_text(json.dumps(check.answers), encoding="utf-8")
    asked = []
    if families:
        asked = [f"--programme={each['programme']}" for each in response.json()["programmes"]]
    call_command("self_check", str(file), "--on", str(check.on), *asked, stdout=printed)
    assert response.content.decode() == printed.getvalue().strip()
    assert bool(families) == ({p["family"] for p in response.json()["programmes"]} == set(families))


def test_the_json_is_private_and_shown_as_what_it_is(client, catalogue, check):
    response = client.get(address("result-json", check))
    assert response["Content-Type"] == "application/json"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in response
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert check.token not in response.content.decode()
    assert check.code not in response.content.decode()


def test_the_json_takes_at_most_five_queries(
    client, catalogue, check, django_assert_max_num_queries
):
    client.get(address("result-json", check))
    with django_assert_max_num_queries(5):
        assert client.get(address("result-json", check)).json()["programmes"]


@pytest.mark.parametrize("name", ["result-pdf", "result-report", "result-json"])
def test_an_expired_or_guessed_report_is_not_found(client, check, name):
    assert client.get(reverse(f"self_check:{name}", args=["guess" * 7])).status_code == 404
    assert client.post(reverse(f"self_check:{name}", args=["guess" * 7])).status_code in (404, 405)
    SelfCheck.objects.update(expires_at=timezone.now())
    assert client.get(address(name, check)).status_code == 404


def test_codes_are_long_enough_and_never_misread():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) <= set(CODE_ALPHABET)
    assert not set("01ILO") & set(CODE_ALPHABET)


@pytest.mark.parametrize(
    "typed", ["ABCDE23456", "abcde-23456", " ABCDE 23456 ", "ＡＢＣＤＥ－２３４５６", "ABCDE—23456"]
)
def test_a_code_is_read_in_whatever_way_it_is_typed(typed):
    assert read_code(typed) == "ABCDE23456"


@pytest.mark.parametrize("typed", ["", "ABCDE2345", "ABCDE234567", "ABCDE2345O", "短码" * 5])
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed) is None


def test_a_code_leads_back_to_the_result(client, check):
    for typed in (check.code, check.code_in_halves.lower()):
        response = client.get(reverse("self_check:result-by-code", args=[typed]))
        assert response.status_code == 302
        assert response["Location"] == address("result", check)
        assert "no-store" in response["Cache-Control"]


def test_a_wrong_or_expired_code_is_not_found(client, check, django_assert_num_queries):
    other = "2222222222"
    assert client.get(reverse("self_check:result-by-code", args=[other])).status_code == 404
    with django_assert_num_queries(0):
        assert client.get(reverse("self_check:result-by-code", args=["no-code"])).status_code == 404
    SelfCheck.objects.update(expires_at=timezone.now())
    assert client.get(reverse("self_check:result-by-code", args=[check.code])).status_code == 404


def test_opening_codes_too_often_is_refused(client, check, settings):
    settings.ANONYMOUS_POST_RATE = "1/h"
    url = reverse("self_check:result-by-code", args=[check.code])
    remote = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get(url, **remote).status_code == 302
    response = client.get(url, **remote)
    assert response.status_code == 429
    assert "再打开一次" in response.content.decode()
    assert 'method="post"' not in response.content.decode()


def test_a_code_finds_its_result(client, check, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.post(reverse("self_check:find-result"), {"code": check.code_in_halves})
    assert response.status_code == 302
    assert response["Location"] == address("result", check)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "请填报告上的短码"),
        ("ABC", "短码是 10 个字母和数字"),
        ("2222222222", "没有找到这个短码的结果"),
        ("A" * 41, "短码只有 10 个字母和数字"),
        ("<b>", "短码是 10 个字母和数字"),
    ],
)
def test_a_wrong_code_is_said_beside_the_field_and_kept(client, typed, told):
    response = client.post(reverse("self_check:find-result"), {"code": typed})
    assert told in str(response.context["code_form"].errors["code"])
    page = response.content.decode()
    assert told in page
    assert response.context["code_form"]["code"].value() == typed
    assert "<b>" not in page.split("<main")[1]


def test_posting_codes_too_often_is_refused(client, settings):
    settings.ANONYMOUS_POST_RATE = "1/h"
    remote = {"REMOTE_ADDR": "192.0.2.8"}
    client.post(reverse("self_check:find-result"), {"code": "2222222222"}, **remote)
    response = client.post(reverse("self_check:find-result"), {"code": "3333333333"}, **remote)
    assert response.status_code == 429
    assert 'value="3333333333"' in response.content.decode()


def test_the_result_offers_the_report_and_the_code(client, catalogue, check):
    page = client.get(address("result", check)).content.decode()
    for name in ("result-pdf", "result-json", "result-print"):
        assert address(name, check) in page
    assert check.code_in_halves in page
