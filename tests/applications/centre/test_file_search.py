"""Cases are found by what was handed in with them, also when they have ended."""

import pytest
from django.urls import reverse

from tests.factories import (
    ApplicationFactory,
    AttachmentFactory,
    LibraryFileFactory,
    MaterialFactory,
    UserFactory,
)

LIST = reverse("admin:cases_application_changelist")
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("status", ["rejected", "recognised", "withdrawn"])
def test_the_files_of_a_case_that_ended_are_found_by_their_names_and_on_its_page(client, status):
    client.force_login(UserFactory())
    ended = ApplicationFactory(status=status)
    file = LibraryFileFactory(
        enterprise=ended.enterprise, title="二五年审计报告", original_name="scan-0417.pdf"
    )
    AttachmentFactory(application=ended, library_file=file)
    AttachmentFactory(application=ended)
    other = ApplicationFactory()
    for word in ("审计报告", "SCAN-0417", ended.enterprise_name):
        page = client.get(LIST, {"q": word, "queue": "all"})
        assert ended in page.context["cl"].queryset
        assert page.context["cl"].result_count == len(set(page.context["cl"].queryset))
    assert other not in client.get(LIST, {"q": "scan-0417", "queue": "all"}).context["cl"].queryset
    waiting = client.get(LIST, {"q": "scan-0417"})
    assert ended not in waiting.context["cl"].queryset
    assert "?q=scan-0417&amp;queue=all" in waiting.content.decode()
    page = client.get(reverse("admin:cases_application_change", args=[ended.pk]))
    assert reverse("cases:file", args=[file.reference]) in page.content.decode()


def test_a_case_is_found_by_what_its_files_are_for(client):
    client.force_login(UserFactory())
    case, other = ApplicationFactory(), ApplicationFactory()
    material = MaterialFactory(edition=case.edition, name="法律意见书")
    AttachmentFactory(application=case, material=material)
    found = client.get(LIST, {"q": "意见书", "queue": "all"}).context["cl"].queryset
    assert list(found) == [case]
    assert other not in found


def test_no_file_of_elsewhere_leads_to_its_case(client):
    client.force_login(UserFactory(jurisdiction_code="140800"))
    AttachmentFactory(library_file__title="二五年审计报告")
    assert not client.get(LIST, {"q": "审计报告", "queue": "all"}).context["cl"].queryset
