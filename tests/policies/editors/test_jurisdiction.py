"""Editors have the programmes of their jurisdiction: every page of the admin, walked by a stranger.

The walk takes all pages that are registered, so that one added later cannot forget to ask.
"""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Award, Criterion, Edition, Example, Programme
from policies.editors.jurisdiction import AREA_OF, WithinJurisdiction, reach_of
from policies.editors.shared import SharedAdmin
from policies.pages.models import ErrorReport
from portal.models import Jurisdiction
from tests.access.test_access import writes
from tests.factories import AwardFactory, ErrorReportFactory, UserFactory, WindowFactory
from tests.policies.editors.people import JINCHENG, PROVINCE, QINSHUI, YUNCHENG, editor_of
from tests.policies.editors.test_admin import sent_back, url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
OURS, THEIRS = "jc-xsg", "yun-xsg"
# What the pages ask that end an edition: why, and from which day.
CLOSING = {"reason": "文件已废止", "day": "2030-01-01", "shown": "2030-01-01"}
# Of an example, the first of its rows on criteria.
OF_A_ROW = {"name": "criteria", "index": "0"}
# What the project's own admin shows of the catalogue, and who changes it.
ROOMS = ("catalogue", "pages", "editors")


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def log_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def ours():
    """A client of the 晋城 editor."""
    return log_in(editor_of(JINCHENG))


def rows_of(programme):
    """A published edition, a draft and a part of each, of every model that belongs to a programme."""
    published = Edition.objects.get(programme=programme, status="published")
    draft = copy_to_draft(published, timezone.localdate())
    for edition in (published, draft):
        if not edition.awards.exists():
            assert edition == draft
            AwardFactory(edition=draft)
    found = {
        Programme: [published.programme],
        Edition: [published, draft],
        Criterion: [published.criteria.first(), draft.criteria.first()],
        Award: [published.awards.first(), draft.awards.first()],
        Example: [published.examples.first(), draft.examples.first()],
    }
    assert set(found) == set(AREA_OF)
    return found


def pages_of(model_admin, row):
    """The addresses of one row, except those of Django that only read or lead on."""
    for pattern in model_admin.get_urls():
        if "<" not in str(pattern.pattern) or not pattern.name:
            continue
        first, *others = pattern.pattern.converters
        known = {first: quote(row.pk), **{name: OF_A_ROW[name] for name in others}}
        yield (
            str(pattern.name),
            reverse(f"admin:{pattern.name}", kwargs=known)
            if first == "pk"
            else reverse(f"admin:{pattern.name}", args=[quote(row.pk)]),
        )


def sent(client, method, address, data=None):
    """The answer and the tables that were written; what was done is taken back."""
    with transaction.atomic(), writes() as tables:
        response = getattr(client, method)(address, data or {})
        response.render() if hasattr(response, "render") and not response.is_rendered else None
        transaction.set_rollback(True)
    return response, tables


def form_data(client, address):
    page = client.get(address)
    return sent_back(page) if page.context and "adminform" in page.context else {}


def what_a_stranger_can_do(stranger, owner, rows):
    """The pages of these rows that are not refused to a stranger, and what the owner's posts send."""
    for model, each in rows.items():
        model_admin = admin.site.get_model_admin(model)
        for row in each:
            for name, address in pages_of(model_admin, row):
                data = form_data(owner, address) | {"post": "yes"} | CLOSING
                response, tables = sent(stranger, "post", address, data)
                if tables or response.status_code not in (403, 404):
                    if name.endswith("_history") and not tables:
                        continue
                    yield f"post {name} of {row}: {response.status_code} {sorted(tables)}"


def test_a_stranger_changes_nothing_by_any_page_of_another_place(ours):
    owner = log_in(editor_of(YUNCHENG))
    rows = rows_of(THEIRS)
    assert list(what_a_stranger_can_do(ours, owner, rows)) == []


def test_its_own_editor_can_so_that_the_walk_could_fail(ours):
    owner = log_in(editor_of(YUNCHENG))
    found = list(what_a_stranger_can_do(owner, owner, rows_of(THEIRS)))
    for name in (
        "programme_change", "edition_change", "edition_publish", "edition_copy", "edition_correct",
        "edition_retire", "edition_withdraw",
        "edition_delete", "criterion_change", "criterion_delete", "award_change", "award_delete",
    ):  # fmt: skip
        assert any(f"post catalogue_{name} of" in line and "['" in line for line in found), name


def test_every_admin_of_the_catalogue_says_who_changes_it():
    kinds = {
        model: next(
            (kind for kind in (WithinJurisdiction, SharedAdmin) if isinstance(own, kind)), None
        )
        for model, own in admin.site._registry.items()
        if model._meta.app_label in ROOMS
    }
    # Reports are found by those of the place alone; proposals say themselves whom they ask; calls are
    # the centre's.
    assert {model.__name__ for model, kind in kinds.items() if kind is None} == {
        "Call", "EditionProposal", "ErrorReport", "PackImport", "ProposedChange"
    }  # fmt: skip
    assert {model for model, kind in kinds.items() if kind is WithinJurisdiction} == set(AREA_OF)
    assert isinstance(admin.site.get_model_admin(Jurisdiction), SharedAdmin)


def test_no_list_changes_several_rows_at_once(ours):
    for model in AREA_OF:
        model_admin = admin.site.get_model_admin(model)
        address = reverse(f"admin:catalogue_{model._meta.model_name}_changelist")
        # A pack is only read.
        assert set(model_admin.get_actions(ours.get(address).wsgi_request)) <= {"export_as_pack"}


def test_all_of_it_is_read(ours):
    for model, rows in rows_of(THEIRS).items():
        for row in rows:
            name = model._meta.model_name
            page = ours.get(url(f"{name}_change", row.pk))
            assert page.status_code == 200
            assert 'name="_save"' not in page.content.decode()
            assert "这属于运城市，由那里的编辑修改" in page.content.decode()
            assert ours.get(url(f"{name}_history", row.pk)).status_code == 200
    page = ours.get(url("edition_change", Edition.objects.filter(programme=THEIRS).first().pk))
    assert "停用</button>" not in page.content.decode()


def test_a_part_is_not_added_to_a_draft_of_another_place(ours):
    draft, own = (rows_of(programme)[Edition][1] for programme in (THEIRS, OURS))
    for name in ("criterion", "award"):
        address = url(f"{name}_add")
        assert ours.get(address, {"edition": draft.pk}).status_code == 404
        assert ours.post(address, {"edition": draft.pk}).status_code == 404
        # The address of one's own draft, and another one in the form.
        page = ours.get(address, {"edition": own.pk})
        data = sent_back(page) | {"edition": draft.pk}
        response, tables = sent(ours, "post", f"{address}?edition={own.pk}", data)
        assert (response.status_code, tables) == (404, set())


def test_a_programme_is_moved_neither_in_nor_out(ours):
    programme = Programme.objects.create(
        id="jc-new", name="新项目", family="其他", kind="service", area_id=JINCHENG
    )
    address = url("programme_change", programme.pk)
    data = sent_back(ours.get(address))
    for code, status in ((YUNCHENG, 200), (PROVINCE, 200), ("100000", 200), (QINSHUI, 302)):
        response = ours.post(address, data | {"area": code})
        assert response.status_code == status, code
        programme.refresh_from_db()
        assert programme.area_id == (QINSHUI if status == 302 else JINCHENG)
    theirs = url("programme_change", "yun-xsg")
    assert ours.post(theirs, data | {"area": JINCHENG}).status_code == 403
    new = sent_back(ours.get(url("programme_add"))) | {
        "id": "yun-mine", "name": "别处的", "family": "其他", "kind": "service", "area": YUNCHENG
    }  # fmt: skip
    refused = ours.post(url("programme_add"), new)
    assert "不在您编辑的地区" in str(refused.context["adminform"].form.errors["area"])
    assert 'value="别处的"' in refused.content.decode()
    assert ours.post(url("programme_add"), new | {"area": JINCHENG}).status_code == 302


def test_an_edition_is_made_for_ones_own_programmes_only(ours):
    draft = rows_of(OURS)[Edition][1]
    address = url("edition_change", draft.pk)
    refused = ours.post(address, sent_back(ours.get(address)) | {"programme": THEIRS})
    assert "不在您编辑的地区" in str(refused.context["adminform"].form.errors["programme"])
    draft.refresh_from_db()
    assert draft.programme_id == OURS
    new = sent_back(ours.get(url("edition_add"))) | {"effective_from": "2030-01-01"}
    assert ours.post(url("edition_add"), new | {"programme": THEIRS}).status_code == 200
    assert ours.post(url("edition_add"), new | {"programme": OURS}).status_code == 302


def test_what_completes_a_field_offers_ones_own(ours):
    def offered(model, field):
        query = {"app_label": "catalogue", "model_name": model, "field_name": field, "term": ""}
        found = ours.get(reverse("admin:autocomplete"), query)
        return found.json()["results"] if found.status_code == 200 else found.status_code

    own = {row["id"] for row in offered("edition", "programme")}
    assert own
    assert not [pk for pk in own if pk.startswith("yun-")]
    assert all("运城" not in row["text"] for row in offered("criterion", "edition"))
    # Nothing completes these, but the address can be typed.
    assert offered("citation", "criterion") != 500
    assert offered("tranche", "award") != 500


@pytest.mark.parametrize(
    ("code", "is_superuser", "own", "others"),
    [
        (PROVINCE, False, [JINCHENG, YUNCHENG, PROVINCE, "100000"], []),
        (JINCHENG, False, [JINCHENG, QINSHUI], [YUNCHENG, PROVINCE, "100000"]),
        (QINSHUI, False, [QINSHUI], [JINCHENG, "140522"]),
        ("", False, [], [JINCHENG, PROVINCE]),
        ("999999", False, [], [JINCHENG, PROVINCE]),
        ("", True, [JINCHENG, YUNCHENG, PROVINCE, "100000"], []),
        (YUNCHENG, True, [YUNCHENG], [JINCHENG, PROVINCE]),
    ],
)
def test_the_province_has_the_nation_s_and_who_has_no_place_has_none(
    code, is_superuser, own, others
):
    reach = reach_of(UserFactory(jurisdiction_code=code, is_superuser=is_superuser))
    assert reach.areas >= set(own)
    assert not reach.areas & set(others)
    assert reach.is_whole == (PROVINCE in own)


def test_an_editor_without_a_place_reads_only():
    client = log_in(editor_of(""))
    for name, pk in (("programme", OURS), ("fact", "enterprise.ownership")):
        page = client.get(url(f"{name}_change", pk))
        assert page.status_code == 200
        assert client.post(url(f"{name}_change", pk), {}).status_code == 403
        assert client.get(url(f"{name}_add")).status_code == 403


def test_reports_are_read_and_settled_where_their_programme_is(ours):
    own, other = (ErrorReportFactory(programme_id=pk, subject=f"报{pk}") for pk in (OURS, THEIRS))
    gone = ErrorReportFactory(subject="没有项目了")

    def seen(client):
        listed = client.get(reverse("admin:pages_errorreport_changelist"))
        return {row.pk for row in listed.context["cl"].result_list}

    province = log_in(editor_of(PROVINCE))
    assert seen(ours) == {own.pk}
    assert seen(province) == {own.pk, other.pk, gone.pk}
    for row in (other, gone):
        address = reverse("admin:pages_errorreport_change", args=[row.pk])
        assert ours.get(address).status_code == 404
        assert ours.post(address, {"handled": "on", "note": "办了"}).status_code == 404
    assert not ErrorReport.objects.filter(handled=True).exists()
    address = reverse("admin:pages_errorreport_change", args=[own.pk])
    assert ours.post(address, {"handled": "on", "note": "办了"}).status_code == 302
    assert "未处理的报错 <strong>0</strong>" in ours.get("/admin/").content.decode()
    assert "未处理的报错 <strong>2</strong>" in province.get("/admin/").content.decode()


def test_contacts_and_windows_go_with_their_programme(ours):
    """The inlines: sent with a programme of another place, and of one's own."""
    owner = log_in(editor_of(YUNCHENG))
    window = WindowFactory(programme=Programme.objects.get(pk=THEIRS), title="每年申报")
    address = url("programme_change", window.programme_id)
    data = sent_back(owner.get(address))
    data = {
        key: "改了" if key.endswith("-title") and str(value) == window.title else value
        for key, value in data.items()
    }
    assert ours.post(address, data).status_code == 403
    window.refresh_from_db()
    assert window.title != "改了"
    assert owner.post(address, data).status_code == 302
    window.refresh_from_db()
    assert window.title == "改了"


def test_a_list_asks_as_often_however_many_places_there_are(ours, django_assert_max_num_queries):
    ours.get(url("programme_changelist"))
    with django_assert_max_num_queries(12):
        ours.get(url("programme_changelist"))
