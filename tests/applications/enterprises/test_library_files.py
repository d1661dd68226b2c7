"""The firm's document library: what the database refuses."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.models import StoredFile
from tests.factories import EnterpriseFactory, LibraryFileFactory

pytestmark = pytest.mark.django_db
OTHER_FIRM = "91140500MA0KY00001"


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def own(row):
    return type(row).objects.filter(pk=row.pk)


def other_firm():
    return EnterpriseFactory(credit_code=OTHER_FIRM, name="另一家企业")


def test_the_content_of_a_file_does_not_change():
    file = LibraryFileFactory()
    refused(lambda: own(file).update(sha256="0" * 64))
    refused(lambda: own(file).update(enterprise=other_firm()))
    refused(lambda: own(file).update(scan="clean"))
    own(file).update(title="新名称", valid_until="2030-01-01")
    refused(lambda: own(file).update(content="0" * 64))
    refused(lambda: own(file).update(content=None))
    refused(file.delete)


def test_a_row_of_the_library_is_not_pointed_at_another_file():
    file, other = LibraryFileFactory(), LibraryFileFactory()
    with connection.cursor() as cursor:
        refused(
            lambda: cursor.execute(
                "UPDATE enterprises_libraryfile SET storedfile_ptr_id = %s WHERE storedfile_ptr_id = %s",
                [StoredFile.objects.create(**stored(other)).pk, file.pk],
            )
        )


def stored(file):
    names = ("original_name", "content_type", "size", "sha256", "scan", "uploaded_at")
    return {name: getattr(file, name) for name in names}


def test_the_library_keeps_the_same_content_once_for_each_firm():
    file = LibraryFileFactory(body=b"%PDF same")
    refused(lambda: LibraryFileFactory(body=b"%PDF same"))
    LibraryFileFactory(body=b"%PDF same", enterprise=other_firm())
    own(file).update(withdrawn_at=timezone.now())
    refused(lambda: LibraryFileFactory(body=b"%PDF same"))
    own(file).update(content=None)
    LibraryFileFactory(body=b"%PDF same")


def test_empty_files_and_unknown_scans_are_refused():
    refused(lambda: LibraryFileFactory(size=0))
    refused(lambda: LibraryFileFactory(scan="infected"))
