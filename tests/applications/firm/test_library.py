"""The pages of the document library."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.enterprises.models import LibraryFile
from tests.factories import (
    AttachmentFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MembershipFactory,
    UserFactory,
)
from tests.portal.scanner import EICAR, clamd
from tests.uploads import CONTENTS, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]
LIBRARY = "/enterprise/files/"


@pytest.fixture
def member(client):
    membership = MembershipFactory()
    client.force_login(membership.user)
    return membership


def send(client, file=None, **fields):
    return client.post(LIBRARY, {"file": file or upload(), **fields})


def address(file, page="library-file"):
    return reverse(f"firm:{page}", args=[file.reference])


def test_an_upload_is_in_the_library_of_the_firm(client, member):
    response = send(client, title=" 执照 ", valid_until="2099-12-31")
    assert (response.status_code, response.url) == (302, LIBRARY)
    file = LibraryFile.objects.get()
    assert (file.enterprise, file.uploaded_by) == (member.enterprise, member.user)
    assert (file.title, str(file.valid_until)) == ("执照", "2099-12-31")
    page = client.get(LIBRARY).content.decode()
    for words in ("已存入资料库：执照", "营业执照.pdf", "PDF", "2099-12-31", "还没有用过"):
        assert words in page


def test_the_list_tells_what_has_expired_and_where_a_file_is_used(client, member):
    attachment = AttachmentFactory(
        library_file__valid_until=timezone.localdate() - timedelta(days=1)
    )
    page = client.get(LIBRARY).content.decode()
    assert "已过期" in page
    assert attachment.application.number in page
    assert str(attachment.application.edition.programme) in page


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("网页.pdf", b"<html>", "不是能接收的类型"),
        ("照片.jpg", b"MZ" + bytes(100), "不是能接收的类型"),
        ("照片.png", CONTENTS["jpg"], "JPEG 图片"),
        ("空.pdf", b"", "没有内容"),
    ],
)
def test_a_refused_file_says_why_and_keeps_the_rest_of_the_form(client, member, name, body, words):
    response = send(
        client, SimpleUploadedFile(name, body), title="我的名称", valid_until="2099-01-01"
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert 'value="我的名称"' in page
    assert 'value="2099-01-01"' in page
    assert not LibraryFile.objects.exists()


def test_markup_in_names_stays_text(client, member):
    assert send(client, upload("<img src=x>.pdf"), title="<b>粗</b>").status_code == 302
    page = client.get(LIBRARY).content.decode()
    assert "&lt;b&gt;粗" in page
    assert "<img" not in page


def test_wrong_dates_and_long_titles_are_refused_beside_their_field(client, member):
    page = send(client, valid_until="2020-01-01", title="长" * 101).content.decode()
    assert "已经过去" in page
    assert "100" in page
    assert "还没有保存" in page
    page = send(client, valid_until="明天").content.decode()
    assert 'value="明天"' in page
    page = client.post(LIBRARY, {"title": "没有文件"}).content.decode()
    assert "请选择要上传的文件" in page


def test_a_silent_scanner_loses_nothing_that_was_typed(client, member, settings):
    settings.CLAMAV_SOCKET = "/nowhere/clamd"
    page = send(client, title="我的名称").content.decode()
    assert "稍后再试" in page
    assert 'value="我的名称"' in page


def test_an_infected_file_is_refused(client, member, settings):
    with clamd() as (settings.CLAMAV_SOCKET, _):
        page = send(client, upload(body=CONTENTS["pdf"] + EICAR)).content.decode()
    assert "发现病毒（Eicar-Signature）" in page
    assert not LibraryFile.objects.exists()


def test_a_file_far_beyond_the_limit_is_refused_without_being_written(client, member, settings):
    settings.FILE_SIZE_MAX = 1_000_000
    large = SimpleUploadedFile("大.pdf", CONTENTS["pdf"].ljust(5_000_000))
    response = send(client, large, title="我的名称")
    page = response.content.decode()
    assert "超过" in page
    assert 'value="我的名称"' in page
    (request,) = [response.wsgi_request]
    assert request.FILES["file"].size < 1_100_000


def test_a_file_of_exactly_the_limit_arrives_whole(client, member, settings):
    settings.FILE_SIZE_MAX = 3 * 64 * 1024
    whole = CONTENTS["pdf"].ljust(settings.FILE_SIZE_MAX, b"x")
    assert send(client, upload(body=whole)).status_code == 302
    assert LibraryFile.objects.get().path.read_bytes() == whole


def test_the_same_file_sent_twice_is_kept_once(client, member):
    send(client)
    page = client.post(LIBRARY, {"file": upload("又.pdf")}, follow=True).content.decode()
    assert "没有重复保存" in page
    assert LibraryFile.objects.count() == 1


def test_title_and_date_are_changed(client, member):
    file = LibraryFileFactory(title="旧名称")
    client.post(address(file), {"title": "新名称\u202e", "valid_until": "2030-06-30"})
    file.refresh_from_db()
    assert (file.title, str(file.valid_until)) == ("新名称", "2030-06-30")
    page = client.post(address(file), {"title": "\u200b", "valid_until": "x"}).content.decode()
    assert "请填写名称" in page
    assert 'value="x"' in page
    client.post(address(file), {"title": "新名称", "valid_until": ""})
    file.refresh_from_db()
    assert file.valid_until is None


def test_an_unused_file_is_withdrawn_and_a_used_one_is_not(client, member):
    unused, used = LibraryFileFactory(), AttachmentFactory().library_file
    assert client.get(address(unused, "library-withdraw")).status_code == 405
    assert client.post(address(unused, "library-withdraw")).status_code == 302
    assert client.get(address(unused)).status_code == 404
    assert "不能撤下" in client.get(address(used)).content.decode()
    response = client.post(address(used, "library-withdraw"))
    assert response.status_code == 400
    assert "不能撤下" in response.content.decode()
    assert LibraryFile.objects.in_library().get() == used


def test_strangers_find_no_library(client):
    file = LibraryFileFactory()
    pages = [LIBRARY, address(file)]
    for page in pages:
        assert client.get(page).status_code == 302
        assert "login" in client.get(page).url
    for user in (UserFactory(), UserFactory(is_staff=False)):
        client.force_login(user)
        for page in pages:
            assert client.get(page).status_code == 404
        assert send(client).status_code == 404
    other = EnterpriseFactory(credit_code="91140500MA0KY00001")
    client.force_login(MembershipFactory(enterprise=other).user)
    assert client.get(address(file)).status_code == 404
    assert client.post(address(file), {"title": "x"}).status_code == 404
    assert client.post(address(file, "library-withdraw")).status_code == 404
    assert file.title not in client.get(LIBRARY).content.decode()


def test_a_file_sent_by_nobody_is_not_even_read(client, settings):
    response = client.post(LIBRARY, {"file": upload(), "title": "x"})
    assert response.status_code == 302
    assert not response.wsgi_request.FILES


def test_files_of_a_case_that_ended_are_found_by_its_number_and_their_names(client, member):
    ended = AttachmentFactory(
        application__status="rejected", application__enterprise=member.enterprise
    )
    other = LibraryFileFactory(enterprise=member.enterprise, title="二五年法律意见书")
    for query in (ended.application.number, ended.library_file.original_name.upper()):
        page = client.get(LIBRARY, {"q": f" {query} "}).content.decode()
        assert ended.library_file.title in page
        assert ended.application.get_status_display() in page
        assert other.title not in page
    assert "没有找到“没有这份”" in client.get(LIBRARY, {"q": "没有这份"}).content.decode()
    assert other.title in client.get(LIBRARY).content.decode()
