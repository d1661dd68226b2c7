"""Files are handed in with an application, replaced, or withdrawn from the library."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from applications.cases.models import Attachment
from applications.cases.services.attachments import attach_files
from applications.cases.services.errors import ApplicationError
from applications.enterprises.models import LibraryFile
from applications.enterprises.services.library import LibraryError, withdraw_file
from applications.firm.library import library_of
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MaterialFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]


def attach(application, chosen):
    attach_files(application, chosen, user=UserFactory(), now=timezone.now())


def test_files_are_attached_to_their_materials():
    application = ApplicationFactory()
    material = MaterialFactory(edition=application.edition)
    licence, contract = LibraryFileFactory.create_batch(2)
    attach(application, {material: [licence, contract], None: [contract]})
    parts = application.attachments.values_list("material", "library_file")
    assert set(parts) == {
        (material.pk, licence.pk),
        (material.pk, contract.pk),
        (None, contract.pk),
    }


def test_what_is_chosen_anew_replaces_what_was_there():
    application = ApplicationFactory()
    first, second, other = LibraryFileFactory.create_batch(3)
    material = MaterialFactory(edition=application.edition)
    attach(application, {material: [first, second], None: [other]})
    attach(application, {material: [second, second]})
    current = application.attachments.current()
    assert set(current.values_list("material", "library_file")) == {
        (material.pk, second.pk),
        (None, other.pk),
    }
    assert application.attachments.exclude(replaced_at=None).get().library_file == first
    attach(application, {material: [first]})
    assert application.attachments.count() == 4


def test_expired_and_withdrawn_files_are_not_attached():
    application, today = ApplicationFactory(), timezone.localdate()
    expired = LibraryFileFactory(title="旧执照", valid_until=today - timedelta(days=1))
    with pytest.raises(ApplicationError, match="旧执照”的有效期到"):
        attach(application, {None: [expired]})
    gone = LibraryFileFactory(withdrawn_at=timezone.now())
    with pytest.raises(ApplicationError, match="不在资料库"):
        attach(application, {None: [gone]})
    assert not Attachment.objects.exists()
    attach(application, {None: [LibraryFileFactory(valid_until=today)]})


def test_an_application_takes_so_many_files_and_no_more(settings):
    settings.FILES_PER_APPLICATION = 2
    application, files = ApplicationFactory(), LibraryFileFactory.create_batch(3)
    attach(application, {None: files[:2]})
    with pytest.raises(ApplicationError, match="最多附 2 个"):
        attach(application, {None: files})
    assert application.attachments.current().count() == 2
    attach(application, {None: files[1:]})


def test_an_unused_file_is_withdrawn():
    file = LibraryFileFactory()
    withdraw_file(file, now=timezone.now())
    file.refresh_from_db()
    assert file.withdrawn_at
    assert library_of(file.enterprise, timezone.localdate()) == []


def test_a_used_file_is_not_withdrawn():
    file = AttachmentFactory(replaced_at=timezone.now()).library_file
    with pytest.raises(LibraryError, match="不能撤下"):
        withdraw_file(file, now=timezone.now())
    assert LibraryFile.objects.in_library().get() == file


def test_the_library_names_the_applications_that_use_a_file():
    today = timezone.localdate()
    attachment = AttachmentFactory(library_file__valid_until=today)
    file, application = attachment.library_file, attachment.application
    material = MaterialFactory(edition=application.edition)
    AttachmentFactory(application=application, material=material, library_file=file)
    LibraryFileFactory(enterprise=EnterpriseFactory(credit_code="91140500MA0KY00001"))
    (entry,) = library_of(file.enterprise, today)
    assert (entry.file, entry.applications, entry.is_expired) == (file, [application], False)
    (entry,) = library_of(file.enterprise, today + timedelta(days=1))
    assert entry.is_expired


def test_the_library_is_read_in_two_queries(django_assert_num_queries):
    for attachment in AttachmentFactory.create_batch(3):
        enterprise = attachment.application.enterprise
    with django_assert_num_queries(2):
        for entry in library_of(enterprise, timezone.localdate()):
            assert [str(one.edition.programme) for one in entry.applications]


def test_the_content_goes_once_the_withdrawal_is_certain(django_capture_on_commit_callbacks):
    file = LibraryFileFactory()
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(b"x")
    with django_capture_on_commit_callbacks() as committed:
        withdraw_file(file, now=timezone.now())
    assert file.path.exists()
    for callback in committed:
        callback()
    assert not file.path.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_handing_in_and_withdrawing_at_once_one_happens():
    application, actor = ApplicationFactory(), UserFactory()
    for file in LibraryFileFactory.create_batch(10):

        def hand_in(file=file):
            attach_files(application, {None: [file]}, user=actor, now=timezone.now())

        def withdraw(file=file):
            withdraw_file(file, now=timezone.now())

        def happens(act):
            try:
                act()
            except (ApplicationError, LibraryError):
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(happens, [hand_in, withdraw])) == [False, True]
