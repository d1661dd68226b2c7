"""Choosing files for the materials of an edition."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from applications.cases.services.attachments import attach_files
from applications.enterprises.models import LibraryFile
from applications.firm.forms.materials import MaterialsForm
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    EditionFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MaterialFactory,
)
from tests.uploads import CONTENTS, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]


@pytest.fixture
def edition():
    return EditionFactory()


@pytest.fixture
def licence(edition):
    return MaterialFactory(edition=edition, position=1, name="营业执照", note="加盖公章")


@pytest.fixture
def report(edition, licence):
    return MaterialFactory(edition=edition, position=2, name="审计报告")


def key(material):
    return f"material_{material.pk if material else 'other'}"


def form_of(edition, chosen=None, uploads=None, **fields):
    """`chosen` and `uploads` map a material, or None, to a list."""
    data = QueryDict(mutable=True)
    for material, files in (chosen or {}).items():
        data.setlist(key(material), [str(file.reference) for file in files])
    sent = {f"{key(material)}_new": files for material, files in (uploads or {}).items()}
    fields = {"today": timezone.localdate(), "enterprise": EnterpriseFactory(), **fields}
    return MaterialsForm(edition, data=data, files=MultiValueDict(sent), **fields)


def keep(form):
    return form.keep_uploads(user=None, now=timezone.now())


def shown(form):
    return render_to_string("firm/_materials.html", {"materials_form": form})


def checked(form, material):
    return [item.data["value"] for item in form[key(material)] if item.data["selected"]]


def test_materials_stand_in_order_and_other_ones_last(edition, report, licence):
    LibraryFileFactory(title="<b>执照</b>", valid_until="2099-12-31")
    page = shown(form_of(edition))
    names = ("营业执照", "加盖公章", "审计报告", "其他材料")
    places = [page.index(name) for name in names]
    assert places == sorted(places)
    assert "&lt;b&gt;执照" in page
    assert "有效期至 2099-12-31" in page


def test_files_are_chosen_or_uploaded_and_can_be_attached(edition, licence, report):
    known = LibraryFileFactory()
    form = form_of(
        edition,
        {licence: [known]},
        {
            licence: [upload("二.pdf", CONTENTS["pdf"] + b"2")],
            None: [upload("照片.png", CONTENTS["png"])],
        },
    )
    assert form.is_valid()
    assert keep(form)
    second, photo = LibraryFile.objects.exclude(pk=known.pk).order_by("pk")
    assert form.chosen == {licence: [known, second], report: [], None: [photo]}
    assert form.missing == [report]
    application = ApplicationFactory(edition=edition)
    attach_files(application, form.chosen, user=None, now=timezone.now())
    assert application.attachments.count() == 3


def test_an_expired_file_is_refused_with_its_date(edition, licence):
    day = timezone.localdate() - timedelta(days=1)
    expired = LibraryFileFactory(title="旧执照", valid_until=day)
    assert "已过期" in shown(form_of(edition))
    form = form_of(edition, {licence: [expired]})
    assert not form.is_valid()
    assert f"“旧执照”的有效期到 {day} 为止" in shown(form)
    assert form_of(
        edition, {licence: [LibraryFileFactory(valid_until=timezone.localdate())]}
    ).is_valid()


def test_files_of_others_and_withdrawn_ones_cannot_be_chosen(edition, licence):
    other = EnterpriseFactory(credit_code="91140500MA0KY00001")
    foreign = LibraryFileFactory(enterprise=other, title="别家的文件")
    gone = LibraryFileFactory(withdrawn_at=timezone.now())
    assert "别家的文件" not in shown(form_of(edition))
    for file in (foreign, gone):
        form = form_of(edition, {licence: [file]})
        assert not form.is_valid()
        assert "已不在资料库中" in shown(form)
    form = form_of(edition)
    form.data.setlist(key(licence), ["x", "'; --"])
    assert not form.is_valid()


def test_a_refused_upload_is_named_and_the_good_ones_are_kept_and_chosen(edition, licence):
    form = form_of(
        edition,
        uploads={licence: [upload(), upload("网页.pdf", b"<html>"), upload("空.pdf", b"")]},
    )
    assert not form.is_valid()
    assert not keep(form)
    kept = LibraryFile.objects.get()
    page = shown(form)
    assert page.count("网页.pdf") == 1
    assert "空.pdf”是空的" in page
    assert checked(form, licence) == [str(kept.reference)]


def test_a_silent_scanner_refuses_the_uploads_and_keeps_what_was_chosen(edition, licence, settings):
    settings.CLAMAV_SOCKET = "/nowhere/clamd"
    known = LibraryFileFactory()
    form = form_of(edition, {licence: [known]}, {licence: [upload()]})
    assert form.is_valid()
    assert not keep(form)
    assert not form.is_valid()
    assert "稍后再试" in shown(form)
    assert checked(form, licence) == [str(known.reference)]


def test_uploads_survive_an_error_elsewhere(edition, licence, report):
    expired = LibraryFileFactory(valid_until="2020-01-01")
    form = form_of(edition, {report: [expired]}, {licence: [upload()]})
    assert not form.is_valid()
    assert keep(form)
    new = LibraryFile.objects.exclude(pk=expired.pk).get()
    assert checked(form, licence) == [str(new.reference)]
    assert checked(form, report) == [str(expired.reference)]


def test_one_file_uploaded_for_two_materials_is_kept_once(edition, licence, report):
    form = form_of(edition, uploads={licence: [upload()], report: [upload("又.pdf")]})
    assert form.is_valid()
    assert keep(form)
    file = LibraryFile.objects.get()
    assert form.chosen == {licence: [file], report: [file], None: []}


def test_an_upload_that_is_known_as_expired_is_refused(edition, licence):
    LibraryFileFactory(body=CONTENTS["pdf"], valid_until="2020-01-01")
    form = form_of(edition, uploads={licence: [upload()]})
    assert form.is_valid()
    assert not keep(form)
    assert "2020-01-01" in str(form.errors)


def test_what_an_application_holds_is_chosen_from_the_start(edition, licence, report):
    application = ApplicationFactory(edition=edition)
    current = AttachmentFactory(application=application, material=licence).library_file
    other = AttachmentFactory(application=application).library_file
    AttachmentFactory(application=application, material=report, replaced_at=timezone.now())
    form = MaterialsForm(
        edition,
        application.enterprise,
        today=timezone.localdate(),
        application=application,
    )
    assert checked(form, licence) == [str(current.reference)]
    assert checked(form, None) == [str(other.reference)]
    assert checked(form, report) == []


def test_an_empty_library_offers_only_the_upload(edition, licence):
    page = shown(form_of(edition))
    assert "从资料库选用" not in page
    assert page.count("上传新文件") == 2
