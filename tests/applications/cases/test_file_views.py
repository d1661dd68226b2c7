"""Who may open a file, and with which headers it leaves."""

import uuid

import pytest
from django.urls import reverse

from tests.factories import (
    AttachmentFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MembershipFactory,
    UserFactory,
)
from tests.uploads import CONTENTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]


def stored(name="营业执照 “副本”.pdf", **fields):
    file = LibraryFileFactory(original_name=name, body=CONTENTS["pdf"], **fields)
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(CONTENTS["pdf"])
    return file


@pytest.fixture
def handed_in():
    return AttachmentFactory(library_file=stored()).library_file


def fetch(client, user, file, page="file"):
    if user:
        client.force_login(user)
    return client.get(reverse(f"cases:{page}", args=[file.reference]))


def test_a_member_downloads_a_file_of_the_firm(client):
    file = stored()
    response = fetch(client, MembershipFactory().user, file)
    assert response.status_code == 200
    assert response.getvalue() == CONTENTS["pdf"]


def test_staff_of_the_county_download_what_was_handed_in(client, handed_in):
    assert fetch(client, UserFactory(), handed_in).status_code == 200


def test_strangers_find_nothing(client, handed_in):
    other = EnterpriseFactory(credit_code="91140500MA0KY00001")
    strangers = [
        None,
        MembershipFactory(enterprise=other).user,
        UserFactory(is_staff=False),
        UserFactory(jurisdiction_code="140522"),
    ]
    for user in strangers:
        for page in ("file", "file-preview"):
            assert fetch(client, user, handed_in, page).status_code == 404


def test_staff_do_not_find_what_was_not_handed_in(client):
    assert fetch(client, UserFactory(), stored()).status_code == 404


def test_an_unknown_file_and_one_that_is_gone_are_not_found(client, handed_in, caplog):
    client.force_login(UserFactory())
    assert client.get(f"/files/{uuid.uuid4()}/").status_code == 404
    handed_in.path.unlink()
    assert client.get(f"/files/{handed_in.reference}/").status_code == 404
    assert str(handed_in.reference) in caplog.text


def test_a_download_is_sealed(client, handed_in):
    response = fetch(client, UserFactory(), handed_in)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == str(len(CONTENTS["pdf"]))
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7"
        "%20%E2%80%9C%E5%89%AF%E6%9C%AC%E2%80%9D.pdf"
    )
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Frame-Options"] == "DENY"


def test_a_preview_may_be_framed_by_the_site_alone(client, handed_in):
    response = fetch(client, UserFactory(), handed_in, "file-preview")
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert response["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; frame-ancestors 'self'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


def test_quotes_in_a_name_do_not_end_it(client):
    file = stored('a".html; x=".pdf')
    disposition = fetch(client, MembershipFactory().user, file)["Content-Disposition"]
    assert disposition == r'attachment; filename="a\".html; x=\".pdf"'


def test_only_staff_preview_and_only_what_browsers_show(client, handed_in):
    member = MembershipFactory(enterprise=handed_in.enterprise).user
    assert fetch(client, member, handed_in).status_code == 200
    assert fetch(client, member, handed_in, "file-preview").status_code == 404
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    document = AttachmentFactory(
        library_file__content_type=word, library_file__original_name="合同.docx"
    ).library_file
    assert fetch(client, UserFactory(), document, "file-preview").status_code == 404


def test_files_are_only_read(client, handed_in):
    client.force_login(UserFactory())
    assert client.post(f"/files/{handed_in.reference}/").status_code == 405
    assert client.head(f"/files/{handed_in.reference}/").status_code == 200


def test_no_address_serves_the_folder(client, handed_in, settings):
    assert not settings.MEDIA_URL.strip("/")
    for path in ("/media/", "/files/", "/static/files/"):
        assert client.get(f"{path}{handed_in.path.name}").status_code == 404
