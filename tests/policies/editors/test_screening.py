"""A programme leaves the self-check with a reason that everybody reads, never by one tick."""

import pytest
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.models import Programme
from policies.catalogue.screening import ScreeningError, set_screened
from policies.self_check.changes import changed_since
from tests.factories import ApplicationFactory, DraftFactory, SelfCheckFactory
from tests.policies.editors.people import JINCHENG, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHY = "资金<b>已用完"
PAGE = reverse("admin:catalogue_programme_screening", args=["jc-xsg"])


@pytest.fixture
def programme(db):
    load_catalogue()
    return Programme.objects.get(pk="jc-xsg")


@pytest.fixture
def editor(client, programme):
    user = editor_of(JINCHENG)
    client.force_login(user)
    return user


def take_out(programme, reason=WHY, is_screened=False):
    set_screened(programme, is_screened=is_screened, reason=reason, now=timezone.now())
    programme.refresh_from_db()


def public(client):
    caches["pages"].clear()
    return client.get(reverse("pages:programme", args=["jc-xsg"])).content.decode()


def test_a_tick_on_the_programmes_page_takes_nothing_out(client, editor, programme):
    address = reverse("admin:catalogue_programme_change", args=[programme.pk])
    form = client.get(address).context["adminform"].form
    assert "screened" not in form.fields
    assert PAGE in client.get(address).content.decode()


def test_the_page_shows_first_what_follows(client, editor, programme):
    SelfCheckFactory(on=timezone.localdate())
    DraftFactory(programme=programme)
    page = client.get(PAGE).content.decode()
    assert "所有企业的自测结果里都不再有这个项目" in page
    assert "自测有 1 份算到它" in page
    assert "申报草稿 1 件" in page
    programme.refresh_from_db()
    assert programme.screened


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_is_done(client, editor, programme, reason):
    answer = client.post(PAGE, {"screened": "False", "reason": reason})
    assert answer.status_code == 400
    assert "请写明原因" in answer.content.decode()
    programme.refresh_from_db()
    assert programme.screened


def test_with_a_reason_it_is_out_and_the_history_and_the_public_page_say_so(
    client, editor, programme
):
    assert client.post(PAGE, {"screened": "False", "reason": WHY}).status_code == 302
    record = programme.history.first()
    assert (record.screened, record.history_user) == (False, editor)
    assert record.history_change_reason == WHY
    page = public(client)
    assert "起不参与自测，也不在网上受理申报：资金&lt;b&gt;已用完。" in page
    assert reverse("firm:apply", args=["jc-xsg"]) not in page
    history = reverse("admin:catalogue_programme_history", args=["jc-xsg"])
    assert "是 → 否" in client.get(history).content.decode()


def test_put_back_it_is_offered_again(client, editor, programme):
    take_out(programme)
    assert "恢复参与自测" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"screened": "True", "reason": "资金续上"}).status_code == 302
    assert "不参与自测" not in public(client)
    assert reverse("firm:apply", args=["jc-xsg"]) in public(client)


def test_what_somebody_else_did_meanwhile_is_not_turned_round(client, editor, programme):
    take_out(programme)
    answer = client.post(PAGE, {"screened": "False", "reason": "另一个原因"})
    assert answer.status_code == 400
    assert "已经不参与自测" in answer.content.decode()
    programme.refresh_from_db()
    assert programme.screened_reason == WHY


def test_editors_elsewhere_cannot(client, programme):
    client.force_login(editor_of(YUNCHENG))
    assert client.post(PAGE, {"screened": "False", "reason": WHY}).status_code == 404
    programme.refresh_from_db()
    assert programme.screened


def test_the_database_wants_the_reason_too(programme):
    for change in ({"screened": False}, {"screened": False, "screened_reason": WHY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Programme.objects.filter(pk=programme.pk).update(**change)
    with pytest.raises(ScreeningError):
        take_out(programme, reason=" 。")


def test_a_kept_result_says_what_left_it_and_what_came_back(programme):
    check = SelfCheckFactory(on=timezone.localdate())
    assert changed_since(check) == []
    take_out(programme)
    [line] = changed_since(check)
    assert str(programme) in line
    assert f"不再参与自测，这里没有算它：{WHY}" in line
    take_out(programme, "资金续上", is_screened=True)
    assert ["恢复参与自测" in line for line in changed_since(check)] == [True]


def test_a_case_that_was_handed_in_goes_on(client, editor, programme):
    case = ApplicationFactory(edition=programme.editions.get())
    assert "申报 1 件，照常办理" in client.get(PAGE).content.decode()
    take_out(programme)
    case.refresh_from_db()
    assert case.edition.programme == programme
