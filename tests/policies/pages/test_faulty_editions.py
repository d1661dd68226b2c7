"""An edition that does not compile takes no page down, is not left out, and is not guessed at."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.current import Catalogue
from policies.catalogue.editions import EditionError
from policies.catalogue.models import Edition
from policies.presentation.words import UNREADABLE
from tests.factories import (
    AwardFactory,
    CriterionFactory,
    EditionFactory,
    FactFactory,
    SelfCheckFactory,
    TrancheFactory,
    UserFactory,
    ready,
)
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FAULTY_RULES = [
    {"fact": "no.such", "is": 1},
    {"fact": "revenue.main_business.y0"},
    {"at_least": 3},
    "text",
    {"all": 5},
    {"fact": ["a"], "is": 1},
    {"fact": "revenue.main_business.y0", "at_least": "two"},
]


@pytest.fixture
def catalogue(db):
    load_catalogue()


@pytest.fixture
def faulty(catalogue):
    return publish_faulty()


@pytest.mark.parametrize("rule", FAULTY_RULES)
def test_no_page_goes_down(client, catalogue, rule):
    publish_faulty(rule=rule)
    check = SelfCheckFactory()
    for address in (
        "/", "/programmes/", "/programmes/jc-faulty/", "/programmes/jc-xsg/", "/self-check/",
        "/calendar/", "/documents/", reverse("self_check:result", args=[check.token]),
        reverse("self_check:self-check-step", args=[check.token, 1]),
        "/report-error/?programme=jc-faulty&criterion=T.1",
        "/report-error/?programme=jc-faulty",
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
    nothing = client.get("/report-error/?programme=jc-faulty&criterion=T.2")
    assert nothing.status_code == 404


@pytest.mark.parametrize("rule", FAULTY_RULES)
def test_an_editor_still_opens_it(client, catalogue, rule):
    edition = publish_faulty(rule=rule)
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    for name, row in (("edition", edition), ("criterion", edition.criteria.get())):
        assert (
            client.get(reverse(f"admin:catalogue_{name}_change", args=[row.pk])).status_code == 200
        )
    client.post(reverse("admin:catalogue_edition_copy", args=[edition.pk]))
    draft = Edition.objects.get(status="draft")
    effect = client.get(reverse("admin:catalogue_edition_effect", args=[draft.pk]))
    assert "还不能发布" in effect.content.decode()
    criterion = draft.criteria.get()
    assert (
        client.get(reverse("admin:catalogue_criterion_change", args=[criterion.pk])).status_code
        == 200
    )


def test_the_programme_stays_in_the_list_and_has_its_page(client, faulty):
    listed = client.get("/programmes/", {"q": "写错的项目"}).content.decode()
    assert "写错的项目" in listed
    assert UNREADABLE in listed
    page = client.get("/programmes/jc-faulty/").content.decode()
    assert "写错的条件" in page
    assert UNREADABLE in page
    assert "不涉及资金" not in page
    assert "申报这个项目" not in page
    assert "看看我的企业能不能申请" not in page


def test_its_verdict_is_not_guessed_and_the_others_stay_as_they_were(client, catalogue, tmp_path):
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(SelfCheckFactory().answers))

    def entries():
        out = StringIO()
        call_command("self_check", str(answers), "--on", "2026-11-20", stdout=out)
        return {each["programme"]: each for each in json.loads(out.getvalue())["programmes"]}

    before = entries()
    publish_faulty()
    after = entries()
    faulty = after.pop("jc-faulty")
    assert (faulty["verdict"], faulty["awards"], faulty["missing"]) == ("unknown", {}, [])
    assert any(UNREADABLE in notice for notice in faulty["notices"])
    assert after == before


def test_the_result_says_that_it_cannot_be_judged(client, faulty):
    check = SelfCheckFactory()
    page = client.get(reverse("self_check:result-group", args=[check.token, "faulty"]))
    assert UNREADABLE in page.content.decode()
    assert client.get(reverse("self_check:result", args=[check.token])).status_code == 200


def test_its_own_page_of_the_result_says_so_without_an_empty_table(client, faulty):
    check = SelfCheckFactory()
    address = reverse("self_check:result-programme", args=[check.token, "jc-faulty"])
    page = client.get(address).content.decode()
    assert UNREADABLE in page
    assert "逐条核对" not in page
    assert "问谁" in page
    assert "申报这个项目" not in page


def test_it_stands_apart_from_what_more_answers_would_decide(client, faulty):
    check = SelfCheckFactory()
    address = reverse("self_check:result-group", args=[check.token, "faulty"])
    assert "写错的项目" in client.get(address).content.decode()
    others = reverse("self_check:result-group", args=[check.token, "open"])
    assert "写错的项目" not in client.get(others).content.decode()


def test_editors_are_told_on_the_first_page_and_by_the_command(client, faulty):
    editor = UserFactory(permissions=["view_edition", "change_edition"], jurisdiction_code="140500")
    client.force_login(editor)
    page = client.get("/admin/").content.decode()
    assert "暂不能测算的项目（规则有误） <strong>1</strong>" in page
    listed = client.get(reverse("admin:catalogue_edition_changelist"), {"fault": "yes"})
    assert [row.pk for row in listed.context["cl"].result_list] == [faulty.pk]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_catalogue", stdout=out)
    assert "jc-faulty 2024-01-01 版 条件 T.1" in out.getvalue()


@pytest.mark.parametrize("rule", FAULTY_RULES)
def test_what_does_not_compile_is_not_published(rule):
    FactFactory()
    edition = EditionFactory()
    CriterionFactory(edition=edition, rule=rule)
    with pytest.raises(EditionError):
        publish_edition(ready(edition))
    edition.refresh_from_db()
    assert edition.is_draft


def test_an_empty_edition_is_not_published():
    edition = EditionFactory()
    with pytest.raises(EditionError, match="没有条件，也没有奖补"):
        publish_edition(edition)
    TrancheFactory(award=AwardFactory(edition=edition))
    with pytest.raises(EditionError, match="没有条件"):
        publish_edition(ready(edition))
    FactFactory()
    CriterionFactory(edition=edition)
    publish_edition(ready(edition))


def test_an_edition_that_compiles_has_no_fault(catalogue):
    day = timezone.localdate()
    assert Catalogue().faults(day) == {}
    assert Edition.objects.in_force(day).count() == len(
        Catalogue().editions_in_force(day, screened_only=False)
    )
