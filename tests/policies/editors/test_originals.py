"""The original of a document: who puts it there, what is refused, and what stays on record."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from policies.catalogue.models import Document, Original
from portal.files import virus_scan
from tests.policies.editors.people import JINCHENG, PROVINCE, QINSHUI, editor_of
from tests.policies.packs import load_catalogue
from tests.uploads import CONTENTS, upload, zipped

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    pytest.mark.usefixtures("files_root"),
]
CITYS = "晋市政办〔2021〕35号"  # used by programmes of 晋城市 alone


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def document(db):
    return Document.objects.get(number=CITYS)


@pytest.fixture
def editor(client):
    user = editor_of(JINCHENG, first_name="某某某")
    client.force_login(user)
    return user


def page(document, name="original"):
    return reverse(f"admin:catalogue_document_{name}", args=[document.pk])


def put(client, document, file=None, **data):
    return client.post(page(document), {"file": file or upload("通知.pdf"), **data})


def public(client, document):
    return client.get(document.get_absolute_url()).content.decode()


def test_an_original_comes_in_is_replaced_and_taken_down_all_on_record(
    client, editor, document, django_capture_on_commit_callbacks
):
    assert "没有原件" in client.get(page(document)).content.decode()
    assert put(client, document).status_code == 302
    first = Original.objects.get()
    assert first.role == "晋城市政策编辑"
    assert first.path.read_bytes() == CONTENTS["pdf"]
    shown = public(client, document)
    assert first.sha256 in shown
    assert "晋城市政策编辑" in shown
    assert "某某某" not in shown
    # The same again, and another one without a word why, are refused beside the field.
    again = put(client, document, reason="换")
    assert "和现在的原件一样" in again.content.decode()
    silent = put(client, document, upload("清楚.pdf", CONTENTS["pdf"] + b" 2"))
    assert silent.status_code == 400
    assert "请写明原因。" in silent.content.decode()
    other = put(client, document, upload("清楚.pdf", CONTENTS["pdf"] + b" 2"), reason="扫描不清楚")
    assert other.status_code == 302
    first.refresh_from_db()
    second = Original.objects.current().get()
    assert (first.closed_because, first.closed_role) == ("扫描不清楚", "晋城市政策编辑")
    assert first.path.exists()
    gone = reverse("pages:document-file", args=[document.pk, first.reference])
    assert client.get(gone).status_code == 404
    kept = reverse("admin:catalogue_document_original_file", args=[document.pk, first.reference])
    assert b"".join(client.get(kept).streaming_content) == CONTENTS["pdf"]
    assert client.post(page(document, "take_down"), {"reason": " "}).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page(document, "take_down"), {"reason": "含手机号码"}).status_code == 302
    assert not second.path.exists()
    shown = public(client, document)
    assert "本站没有这份文件的原件" in shown
    assert "含手机号码" in shown
    assert second.sha256 in shown
    down = reverse("admin:catalogue_document_original_file", args=[document.pk, second.reference])
    assert client.get(down).status_code == 404
    late = client.post(page(document, "take_down"), {"reason": "再撤"})
    assert "现在没有原件" in late.content.decode()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (upload("通知.pdf", b""), "是空的"),
        (upload("通知.pdf", b"MZ not a pdf"), "不是能接收的类型"),
        (upload("通知.docx", CONTENTS["pdf"]), "却不以 .pdf 结尾"),
        (
            upload(
                "通知.docx",
                zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            ),
            "宏程序",
        ),
        (None, "请选择要上传的文件"),
    ],
)
def test_what_is_no_document_is_refused_beside_the_field(client, editor, document, file, told):
    response = client.post(page(document), {"file": file} if file else {})
    assert response.status_code == 400
    assert told in response.content.decode()
    assert not Original.objects.exists()


def test_too_large_infected_or_unscanned_leaves_nothing(
    client, editor, document, settings, monkeypatch, files_root
):
    settings.FILE_SIZE_MAX = 10
    assert "超过" in put(client, document).content.decode()
    settings.FILE_SIZE_MAX = 10**6
    # A scanner that is asked and does not answer: nobody listens there.
    settings.CLAMAV_SOCKET = "127.0.0.1:1"
    assert virus_scan.is_configured()
    response = put(client, document)
    assert response.status_code == 400
    assert "病毒扫描程序没有答复" in response.content.decode()
    assert not Original.objects.exists()
    assert not [each for each in files_root.rglob("*") if each.is_file() and each.stat().st_size]


def test_a_document_that_others_use_has_its_original_from_the_province(client, document):
    """And whoever only reads looks, but puts nothing there."""
    client.force_login(editor_of(QINSHUI))
    shown = client.get(page(document))
    assert "由省级编辑上传" in shown.content.decode()
    assert put(client, document).status_code == 403
    assert client.get(page(document, "take_down")).status_code == 403
    client.force_login(editor_of(PROVINCE))
    assert put(client, document).status_code == 302
    assert Original.objects.get().role == "山西省政策编辑"


def test_the_record_of_an_original_does_not_change(client, editor, document):
    put(client, document)
    original = Original.objects.get()
    for change in ({"role": "别人"}, {"withdrawn_at": original.uploaded_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Original.objects.filter(pk=original.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Original.objects.filter(pk=original.pk).delete()
    put(client, document, upload("清楚.pdf", CONTENTS["pdf"] + b" 2"), reason="扫描不清楚")
    with pytest.raises(IntegrityError), transaction.atomic():
        Original.objects.filter(pk=original.pk).update(closed_because="另一个原因")
