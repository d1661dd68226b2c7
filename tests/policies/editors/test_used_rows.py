"""What rules, amounts, firms and cases use of the catalogue is neither deleted nor turned into something else."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Conflict, Criterion, Document, Edition, Fact, Programme
from policies.catalogue.shared_guards import RULE_COLUMNS
from policies.rules.derived import BUILT_IN
from portal.models import Jurisdiction
from tests.factories import (
    ApplicationFactory,
    CriterionFactory,
    DraftFactory,
    FactFactory,
    JurisdictionFactory,
    ProfileAnswerFactory,
    UserFactory,
)
from tests.policies.editors.test_admin import sent_back, url
from tests.policies.packs import load_catalogue

pytestmark = pytest.mark.django_db
REVENUE, FIRST = "revenue.main_business.y0", "stat.first_time_above_scale"


@pytest.fixture
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = UserFactory(is_superuser=True, jurisdiction_code="")
    client.force_login(user)
    return user


DELETION = {"post": "yes", "reason": "没有用到"}


def refused(action):
    with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
        action()


def change(client, name, row, **values):
    """Post the row's form as a browser would, with other values in some fields."""
    address = url(f"{name}_change", row.pk)
    return client.post(address, sent_back(client.get(address)) | values)


def told(response, field):
    return "".join(response.context["adminform"].form.errors.get(field, ()))


def test_a_fact_in_use_cannot_be_deleted(client, editor, catalogue):
    page = client.post(url("fact_delete", REVENUE), DELETION)
    assert page.status_code == 200
    assert "已用于条件、金额或推算" in page.content.decode()
    assert Fact.objects.filter(pk=REVENUE).exists()
    refused(Fact.objects.filter(pk=REVENUE).delete)


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        (FIRST, "type", "enum"),
        (REVENUE, "unit", "元"),
        (REVENUE, "minimum", "999999"),
        (REVENUE, "maximum", "1"),
        (REVENUE, "decimals", "0"),
        ("enterprise.ownership", "choices", "other 别的"),
    ],
)
def test_the_meaning_of_a_fact_in_use_stays(client, editor, catalogue, key, field, value):
    fact = Fact.objects.get(pk=key)
    before = getattr(fact, field)
    assert "这个指标" in told(change(client, "fact", fact, **{field: value}), field)
    fact.refresh_from_db()
    assert getattr(fact, field) == before
    assert client.get("/programmes/jc-xsg/").status_code == 200


def test_its_wording_changes_and_the_history_says_from_what_to_what(client, editor, catalogue):
    fact = Fact.objects.get(pk="enterprise.ownership")
    code, text = next(iter(fact.choices.items()))
    choices = fact.choices | {code: f"{text}（新）", "added": "新增的"}
    lines = "\n".join(f"{each} {label}" for each, label in choices.items())
    answer = change(client, "fact", fact, label="所有制（新）", help="看执照", choices=lines)
    assert answer.status_code == 302
    fact.refresh_from_db()
    assert fact.choices == choices
    page = client.get(url("fact_history", fact.pk)).content.decode()
    assert "所有制（新）" in page
    assert "看执照" in page
    assert fact.history.first().history_user == editor


def test_a_fact_that_nothing_uses_changes_and_goes(client, editor):
    fact = FactFactory(key="unused.fact", type="decimal")
    assert change(client, "fact", fact, unit="元", type="int").status_code == 302
    assert client.post(url("fact_delete", fact.pk), DELETION).status_code == 302
    assert not Fact.objects.filter(pk=fact.pk).exists()


def test_the_database_keeps_a_fact_that_only_a_draft_reads():
    fact = FactFactory(key="some.fact")
    rows = Fact.objects.filter(pk=fact.pk)
    rows.update(unit="人")
    CriterionFactory(rule={"all": [{"fact": "some.fact", "at_least": 1}]})
    refused(lambda: rows.update(unit="元"))
    refused(lambda: rows.update(type="int"))
    refused(lambda: rows.update(key="another.fact"))
    refused(rows.delete)


@pytest.mark.parametrize(
    "use",
    [
        lambda: ProfileAnswerFactory(fact_key="own.fact", year=2026, value=1),
        lambda: DraftFactory(answers={"own.fact.y1": ["1"]}),
        lambda: ApplicationFactory(answers={"own.fact.y0": 1}),
    ],
)
def test_what_a_firm_has_said_keeps_its_fact(use):
    fact = FactFactory(key="own.fact.y0", unit="人")
    rows = Fact.objects.filter(pk=fact.pk)
    rows.update(unit="万元", minimum=1)
    use()
    refused(lambda: rows.update(unit="元"))
    refused(lambda: rows.update(minimum=2))
    refused(rows.delete)
    rows.update(label="改了名称", minimum=0)


def test_every_fact_that_an_edition_reads_is_named_where_the_guard_looks(catalogue):
    texts = [str(row) for row in Criterion.objects.values("rule", "when")]
    for edition in Edition.objects.prefetch_related("awards__tranches"):
        for award in edition.awards.all():
            texts += [str(award.unsplit), str(award.undecided)]
            texts += [
                str([each.amount, each.now_when, each.past_when, each.void_when])
                for each in award.tranches.all()
            ]
    known = Catalogue()
    day = max(Edition.objects.values_list("effective_from", flat=True))
    read = {key for each in known.editions_in_force(day) for key in each.fact_keys}
    unnamed = {key for key in read if not any(f"'{key}'" in text for text in texts)}
    assert unnamed <= BUILT_IN
    assert set(RULE_COLUMNS) == {"catalogue_criterion", "catalogue_award", "catalogue_tranche"}


def test_the_identity_of_shared_rows_stays(catalogue):
    refused(lambda: Document.objects.filter(number="沁水县申报指南").update(number="别的"))
    refused(lambda: Conflict.objects.filter(pk="C07").update(code="C99"))
    refused(lambda: Programme.objects.filter(pk="jc-xsg").update(id="jc-other"))
    refused(lambda: Programme.objects.filter(pk="jc-xsg").update(area="140800"))
    refused(lambda: Programme.objects.filter(pk="jc-xsg").update(tier_fact="x.y", tier_code="z"))
    refused(lambda: Jurisdiction.objects.filter(pk="140521").update(code="140598"))


def test_shared_rows_in_use_cannot_be_deleted(client, editor, catalogue):
    named = Programme.objects.filter(conflicts__isnull=False).first().conflicts.first()
    for name, row in (
        ("document", Document.objects.get(number="沁水县申报指南")),
        ("conflict", named),
        ("conflict", Conflict.objects.get(pk="C07")),
        ("programme", Programme.objects.get(pk="jc-xsg")),
        ("jurisdiction", Jurisdiction.objects.get(pk="140521")),
    ):
        address = url(f"{name}_delete", row.pk)
        assert client.get(address).status_code == 200
        assert client.post(address, DELETION).status_code == 200
        assert type(row).objects.filter(pk=row.pk).exists()
        refused(row.delete)


def test_a_conflict_that_nothing_names_can_be_deleted(client, editor):
    Conflict.objects.create(code="C99", text="没有用到")
    assert client.post(url("conflict_delete", "C99"), DELETION).status_code == 302


def test_a_jurisdiction_lies_below_a_higher_one():
    county = JurisdictionFactory(code="140521", level="county")
    refused(lambda: JurisdictionFactory(code="140500", level="city", parent=county))
    city = JurisdictionFactory(code="140500", level="city")
    rows = Jurisdiction.objects
    rows.filter(pk=county.pk).update(parent=city)
    refused(lambda: rows.filter(pk=city.pk).update(parent=county))
    refused(lambda: rows.filter(pk=city.pk).update(level="county"))
    refused(lambda: rows.filter(pk=county.pk).update(level="city"))


def test_a_document_is_not_replaced_in_a_circle(client, editor, catalogue):
    first, second = Document.objects.all()[:2]
    second.superseded_by = first
    second.save()
    answer = change(client, "document", first, superseded_by=second.pk)
    assert "循环" in told(answer, "superseded_by")
