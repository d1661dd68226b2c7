"""Files that are handed in: what the database refuses, and who sees one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.cases.models import Attachment
from applications.cases.models.attachment import files_visible_to
from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    EditionFactory,
    EnterpriseFactory,
    LibraryFileFactory,
    MaterialFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
OTHER_FIRM = "91140500MA0KY00001"


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def own(row):
    return type(row).objects.filter(pk=row.pk)


def other_firm():
    return EnterpriseFactory(credit_code=OTHER_FIRM, name="另一家企业")


def test_an_attachment_of_a_submitted_application_stays():
    attachment = AttachmentFactory()
    refused(own(attachment).delete)
    refused(lambda: own(attachment)._raw_delete(own(attachment).db))
    refused(lambda: own(attachment).update(library_file=LibraryFileFactory()))
    refused(attachment.library_file.delete)


def test_a_replaced_attachment_keeps_the_day_it_was_replaced():
    attachment = AttachmentFactory()
    own(attachment).update(replaced_at=timezone.now())
    refused(lambda: own(attachment).update(replaced_at=timezone.now()))
    refused(lambda: own(attachment).update(replaced_at=None))


def test_a_file_is_handed_in_once_for_a_material_until_it_is_replaced():
    attachment = AttachmentFactory()
    again = {"application": attachment.application, "library_file": attachment.library_file}
    refused(lambda: AttachmentFactory(**again))
    own(attachment).update(replaced_at=timezone.now())
    AttachmentFactory(**again)
    assert Attachment.objects.current().count() == 1


def test_one_file_serves_several_materials_and_applications():
    edition = EditionFactory()
    materials = MaterialFactory.create_batch(2, edition=edition)
    file = LibraryFileFactory()
    for subject in ("一号线", "二号线"):
        application = ApplicationFactory(edition=edition, subject=subject)
        for material in [*materials, None]:
            AttachmentFactory(application=application, material=material, library_file=file)
    assert file.attachments.count() == 6
    refused(
        lambda: AttachmentFactory(application=application, material=materials[0], library_file=file)
    )


def test_an_attachment_is_a_file_of_the_same_firm_for_a_material_of_the_edition():
    application = ApplicationFactory()
    foreign = LibraryFileFactory(enterprise=other_firm())
    refused(lambda: AttachmentFactory(application=application, library_file=foreign))
    refused(lambda: AttachmentFactory(application=application, material=MaterialFactory()))
    gone = LibraryFileFactory(withdrawn_at=timezone.now())
    refused(lambda: AttachmentFactory(application=application, library_file=gone))
    AttachmentFactory(
        application=application, material=MaterialFactory(edition=application.edition)
    )


def test_a_used_file_is_not_withdrawn_and_a_withdrawn_one_does_not_come_back():
    used, unused = AttachmentFactory().library_file, LibraryFileFactory()
    refused(lambda: own(used).update(withdrawn_at=timezone.now()))
    own(unused).update(withdrawn_at=timezone.now())
    refused(lambda: own(unused).update(withdrawn_at=None))


def test_members_see_the_files_of_their_firm_until_withdrawn():
    file, membership = LibraryFileFactory(), MembershipFactory()
    assert list(files_visible_to(membership.user)) == [file]
    own(file).update(withdrawn_at=timezone.now())
    assert not files_visible_to(membership.user).exists()


def test_strangers_see_no_file():
    AttachmentFactory()
    stranger = MembershipFactory(enterprise=other_firm()).user
    gone = MembershipFactory(user__is_active=False).user
    nobody = UserFactory(is_staff=False, jurisdiction_code="140521")
    for user in (stranger, gone, nobody, AnonymousUser()):
        assert not files_visible_to(user).exists()


def test_staff_see_what_was_handed_in_within_their_jurisdiction_and_nothing_else():
    attachment = AttachmentFactory()
    LibraryFileFactory()
    for code in ("140521", "140500"):
        seen = files_visible_to(UserFactory(jurisdiction_code=code))
        assert list(seen) == [attachment.library_file]
    for code in ("140522", "140800", ""):
        assert not files_visible_to(UserFactory(jurisdiction_code=code)).exists()
    own(attachment).update(replaced_at=timezone.now())
    assert files_visible_to(UserFactory()).exists()


def test_a_superuser_without_jurisdiction_sees_every_file():
    LibraryFileFactory()
    everywhere = UserFactory(is_superuser=True, jurisdiction_code="")
    assert files_visible_to(everywhere).exists()
    elsewhere = UserFactory(is_superuser=True, jurisdiction_code="140800")
    assert not files_visible_to(elsewhere).exists()
