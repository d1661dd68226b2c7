"""Who changed a programme or an edition, and from what to what; kept for good."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from policies.catalogue.models import Conflict, Edition, Programme
from tests.factories import (
    ContactFactory,
    CriterionFactory,
    DocumentFactory,
    EditionFactory,
    FactFactory,
    OfficeFactory,
    ProgrammeFactory,
    UserFactory,
    WindowFactory,
    ready,
)
from tests.policies.editors.people import approve
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = UserFactory(
        permissions=["view_programme", "change_programme", "view_edition", "change_edition"],
        jurisdiction_code="140500",
    )
    client.force_login(user)
    return user


def change(client, programme, **values):
    names = ("position", "name", "family", "summary", "kind", "benefit", "beneficiary")
    data = {name: getattr(programme, name) for name in names}
    data |= {"area": programme.area_id, "screened": "on"}
    for prefix in ("contacts", "windows"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    url = reverse("admin:catalogue_programme_change", args=[programme.pk])
    response = client.post(url, data | values)
    assert response.status_code == 302, response.context["errors"]


def history_page(client, row):
    url = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_history", args=[row.pk])
    response = client.get(url)
    assert "style=" not in response.content.decode().split('id="content-main"')[1]
    return response.content.decode()


def test_a_change_keeps_who_when_and_from_what(client, editor):
    programme = ProgrammeFactory(name="旧名称")
    conflict = Conflict.objects.create(code="C99", text="两份文件不一致")
    change(client, programme, name="新<b>名称")
    change(client, programme, name="新<b>名称", conflicts=[conflict.pk])
    page = history_page(client, programme)
    assert "旧名称" in page
    assert "新&lt;b&gt;名称" in page
    assert editor.username in page
    assert "两份文件不一致" in page or "C99" in page
    assert programme.history.first().history_user == editor


def test_saving_without_a_change_is_no_history(client, editor):
    programme = ProgrammeFactory()
    change(client, programme, name="新名称")
    change(client, programme, name="新名称")
    assert programme.history.count() == 2


def test_an_old_state_is_not_written_back(client, editor):
    programme = ProgrammeFactory(name="旧名称")
    change(client, programme, name="新名称")
    first = programme.history.last()
    url = reverse("admin:catalogue_programme_history", args=[programme.pk])
    assert client.get(f"{url}{first.pk}/").status_code in (302, 404)
    client.post(f"{url}{first.pk}/", {"name": "旧名称"})
    programme.refresh_from_db()
    assert programme.name == "新名称"


def test_an_update_of_many_rows_is_kept_too():
    programmes = ProgrammeFactory.create_batch(3, family="小升规")
    assert Programme.objects.filter(family="小升规").update(family="股改") == 3
    for programme in programmes:
        assert [row.family for row in programme.history.all()] == ["股改", "小升规"]
    Programme.objects.update(family="股改")
    assert Programme.history.count() == 6


def test_publishing_is_kept_with_who_did_it(client, editor):
    edition = ready(CriterionFactory(rule=None, kind="manual").edition)
    client.post(
        reverse("admin:catalogue_edition_publish", args=[edition.pk]),
        {"looked-start": "on", "because-start": "补录旧文件"},
    )
    approve()
    record, proposal = edition.history.first(), edition.proposals.get()
    assert (record.status, record.history_user) == ("published", proposal.decided_by)
    assert proposal.proposed_by == editor
    assert "草稿 → 已发布" in history_page(client, edition)


def test_a_deleted_draft_leaves_its_history():
    CriterionFactory(rule=None, kind="manual").edition.delete()
    kept = Edition.history.values_list("history_type", "status")
    assert kept[0] == ("-", "draft")


def test_a_withdrawn_edition_says_in_its_history_why(client, editor):
    edition = CriterionFactory(rule=None, kind="manual").edition
    publish_edition(ready(edition))
    url = reverse("admin:catalogue_edition_withdraw", args=[edition.pk])
    client.post(url, {"reason": "发布错了"})
    approve()
    record = edition.history.first()
    assert record.status == "withdrawn"
    assert record.history_user == edition.proposals.first().decided_by
    assert record.history_change_reason == "发布错了"
    assert "发布错了" in history_page(client, edition)


def test_loading_the_packs_again_writes_no_history():
    load_catalogue()
    before = (Programme.history.count(), Edition.history.count())
    assert all(before)
    load_catalogue()
    assert (Programme.history.count(), Edition.history.count()) == before


@pytest.mark.parametrize(
    "table", ["historicalprogramme", "historicalprogramme_conflicts", "historicaledition"]
)
@pytest.mark.parametrize("sql", ["DELETE FROM {table}", "UPDATE {table} SET {key} = {key}"])
def test_history_can_be_neither_changed_nor_deleted(table, sql):
    programme = ProgrammeFactory()
    programme.conflicts.add(Conflict.objects.create(code="C99", text="两份文件不一致"))
    EditionFactory(programme=programme)
    key = "m2m_history_id" if "conflicts" in table else "history_id"
    with (
        pytest.raises(IntegrityError, match="变更历史不能"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(table=f"catalogue_{table}", key=key))


def test_history_is_read_by_those_who_may_see_the_row(client):
    programme = ProgrammeFactory()
    client.force_login(UserFactory(permissions=[]))
    url = reverse("admin:catalogue_programme_history", args=[programme.pk])
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: FactFactory(label="旧"), "label"),
        (lambda: DocumentFactory(title="旧"), "title"),
        (lambda: Conflict.objects.create(code="C99", text="旧"), "text"),
        (lambda: WindowFactory(note="旧"), "note"),
        (lambda: ContactFactory(note="旧"), "note"),
        (lambda: OfficeFactory(telephone="旧"), "telephone"),
    ],
)
def test_shared_rows_keep_what_they_said_and_for_good(make, field):
    row = make()
    type(row).objects.filter(pk=row.pk).update(**{field: "新"})
    assert [getattr(each, field) for each in row.history.all()] == ["新", "旧"]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.history.all().delete()
    row.delete()
    assert type(row).history.first().history_type == "-"
