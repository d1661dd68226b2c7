"""Whatever is typed, the page answers: an error beside its field or the next step, never a trace."""

import pytest
from django.urls import reverse

from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue

NASTY = [
    "1e999999", "-1e999999", "NaN", "Infinity", "9" * 1900, "0x10", "1_000", "٣", "1,2,3", "--1",
    "\x00", "\ud800", "💥" * 500, "<script>alert(1)</script>", "' OR 1=1 --", "2026-02-30",
    "0000-00-00", "9999-12-31", "true", "__none__", "140521", " ", "。", "１９９９．９９", "1.", ".5",
]  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.mark.night
def test_no_field_breaks_on_what_is_typed(client):
    keys = list(facts())
    for typed in NASTY:
        check = SelfCheckFactory(answers={}, steps=[keys])
        url = reverse("self_check:self-check-step", args=[check.token, 1])
        sent = typed.encode("utf-8", "replace").decode()
        response = client.post(url, {key.replace(".", "__"): sent for key in keys})
        check.refresh_from_db()
        if response.status_code == 200:
            assert response.context["form"].errors, ascii(typed)
            assert check.answers == {}
        else:
            assert response.status_code == 302, ascii(typed)
        result = client.get(reverse("self_check:result", args=[check.token]))
        assert result.status_code == 200, ascii(typed)
        amount = client.get(reverse("self_check:amount-in-words"), {"x": sent})
        assert amount.status_code == 200, ascii(typed)


@pytest.mark.parametrize(
    "path",
    [
        "/result/%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00/",
        "/result/../../etc/passwd/",
        "/self-check/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/99999999999999999999999/",
        "/self-check/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/0/",
        "/enterprise/applications/00000000-0000-4000-8000-000000000000%00/",
        "/enterprise/applications/nothing/",
        "/enterprise/apply/%00/",
    ],
)
def test_an_address_that_cannot_be_is_not_found(client, path):
    assert client.get(path).status_code == 404
