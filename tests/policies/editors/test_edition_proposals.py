"""No editor begins or ends a right alone: one proposes, another looks at it and approves."""

import json
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.centre.workbench import waiting_work
from policies.catalogue.editions import copy_to_draft, publish_edition
from policies.catalogue.models import Edition
from policies.editors.edition_proposals import digest_now, second_editors
from policies.editors.guards import EDITION_NEEDS_TWO, NOT_AGREED, PACK_STAYS_PACK, STILL_WAITS
from policies.editors.models import EditionProposal
from portal.one_hand import PASSWORD_SET
from tests.factories import CriterionFactory, EditionFactory, JurisdictionFactory, ready
from tests.letters import sent_letters
from tests.policies.editors.people import (
    JINCHENG,
    PROVINCE,
    QINSHUI,
    YUNCHENG,
    answers_to,
    editor_of,
)
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
WHY = "与<b>文件不符"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def published(db):
    load_catalogue()
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def draft(published, today):
    draft = copy_to_draft(published, today + timedelta(days=30))
    row = draft.criteria.get(code="XSG.3")
    row.rule = json.loads(json.dumps(row.rule).replace("2000", "1500"))
    row.save()
    return ready(draft)


@pytest.fixture
def people(published):
    return {
        "first": editor_of(JINCHENG, username="先提的", email="first@x.example"),
        "second": editor_of(JINCHENG, username="后审的", email="second@x.example"),
        "qinshui": editor_of(QINSHUI, username="沁水编辑"),
        "yuncheng": editor_of(YUNCHENG, username="运城编辑"),
        "province": editor_of(PROVINCE, username="省编辑", email="province@x.example"),
    }


@pytest.fixture
def as_(people):
    def client(name):
        found = Client()
        found.force_login(people[name])
        return found

    return client


def of_edition(name, edition):
    return reverse(f"admin:catalogue_edition_{name}", args=[edition.pk])


def of(name, proposal):
    return reverse(f"admin:editors_editionproposal_{name}", args=[proposal.pk])


def text(response):
    return response.content.decode()


def asked(client, draft, **data):
    """The proposal that a post to the draft's page makes, with each question answered."""
    response = client.post(of_edition("publish", draft), {**answers_to(draft), **data})
    assert response.status_code == 302, text(response)
    return draft.proposals.get(state="pending")


def status_of(edition):
    return Edition.objects.get(pk=edition.pk).status


def test_the_first_proposes_and_the_second_looks_at_the_same_and_approves(as_, draft, people):
    shown = text(as_("first").get(of_edition("effect", draft)))
    proposal = asked(as_("first"), draft, reason="照新文件")
    assert status_of(draft) == "draft"
    page = text(as_("second").get(of("change", proposal)))
    for told in ("2000 万元 → 1500 万元", "修改条件：XSG.3", "照新文件"):
        assert told in page, told
    assert "2000 万元 → 1500 万元" in shown
    own = text(as_("first").get(of("change", proposal)))
    assert of("approve", proposal) not in own
    assert of("withdraw", proposal) in own
    # Who proposed is no second person, whatever is posted.
    assert as_("first").post(of("approve", proposal), {"seen": "yes"}).status_code == 403
    unread = as_("second").post(of("approve", proposal))
    assert (unread.status_code, status_of(draft)) == (400, "draft")
    assert "看过" in text(unread)
    done = as_("second").post(of("approve", proposal), {"seen": "yes"}, follow=True)
    assert "已发布" in text(done)
    assert status_of(draft) == "published"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("confirmed", people["second"])
    told = text(as_("first").get(of_edition("change", draft)))
    assert "先提的 提出" in told
    assert "后审的" in told
    again = as_("second").post(of("approve", proposal), {"seen": "yes"})
    assert "已被他人处理" in text(again)
    letters = {letter.to[0]: letter.subject for letter in sent_letters()}
    assert "等您审核" in letters["second@x.example"]
    assert "已生效" in letters["first@x.example"]
    assert "province@x.example" not in letters


def test_a_draft_that_was_changed_meanwhile_is_not_the_one_approved(as_, draft):
    proposal = asked(as_("first"), draft)
    row = draft.criteria.get(code="XSG.3")
    row.rule = json.loads(json.dumps(row.rule).replace("1500", "1400"))
    row.save()
    ready(draft)
    page = text(as_("second").get(of("change", proposal)))
    assert "草稿又改过" in page
    assert of("approve", proposal) not in page
    response = as_("second").post(of("approve", proposal), {"seen": "yes"})
    assert (response.status_code, status_of(draft)) == (400, "draft")
    assert "草稿又改过" in text(response)
    # Nor its days, which are no content.
    Edition.objects.filter(pk=draft.pk).update(own_end=draft.effective_from + timedelta(days=9))
    assert "草稿又改过" in text(as_("second").get(of("change", proposal)))
    as_("first").post(of("withdraw", proposal))
    anew = asked(as_("first"), draft)
    as_("second").post(of("approve", anew), {"seen": "yes"})
    assert status_of(draft) == "published"


def test_what_is_refused_goes_back_with_the_reason_and_may_be_proposed_anew(as_, draft):
    proposal = asked(as_("first"), draft)
    silent = as_("second").post(of("refuse", proposal), {"reason": " "})
    assert silent.status_code == 400
    assert "请写明" in text(silent)
    as_("second").post(of("refuse", proposal), {"reason": WHY})
    assert status_of(draft) == "draft"
    assert "与&lt;b&gt;文件不符" in text(as_("first").get(of_edition("change", draft)))
    assert any("复核未通过" in letter.subject for letter in sent_letters())
    asked(as_("first"), draft)
    assert draft.proposals.count() == 2


def test_one_waits_at_a_time_and_only_its_proposer_takes_it_back(as_, draft):
    proposal = asked(as_("first"), draft)
    again = as_("second").post(of_edition("publish", draft), answers_to(draft))
    assert again.status_code == 400
    assert "正在等另一位编辑审核" in text(again)
    assert as_("second").post(of("withdraw", proposal)).status_code == 403
    as_("first").post(of("withdraw", proposal))
    proposal.refresh_from_db()
    assert (proposal.state, status_of(draft)) == ("withdrawn", "draft")


def test_those_of_the_place_are_asked_and_where_it_has_one_editor_the_next_level(
    as_, draft, people, published, today
):
    proposal = asked(as_("first"), draft)
    assert second_editors(proposal) == [people["second"]]
    people["second"].is_active = False
    people["second"].save()
    assert second_editors(proposal) == [people["province"]]
    for stranger in ("qinshui", "yuncheng"):
        assert as_(stranger).post(of("approve", proposal), {"seen": "yes"}).status_code == 403
    assert "不在您编辑的地区" in text(as_("yuncheng").get(of("change", proposal)))
    titles = {
        name: {each.title: each.count for each in waiting_work(people[name], today)}
        for name in ("province", "qinshui", "first")
    }
    assert [titles[name]["等您审核的版本"] for name in titles] == [1, 0, 0]
    mine = reverse("admin:editors_editionproposal_changelist") + "?waiting=mine"
    assert "jc-xsg" in draft.programme_id
    assert as_("province").get(mine).context["cl"].result_count == 1
    assert as_("qinshui").get(mine).context["cl"].result_count == 0
    as_("province").post(of("approve", proposal), {"seen": "yes"})
    assert status_of(draft) == "published"


def test_two_accounts_in_one_hand_are_no_two_people(as_, draft, people):
    proposal = asked(as_("first"), draft)
    second = people["second"]
    second._history_user, second._change_reason = people["first"], PASSWORD_SET
    type(second).history_keeper.create_historical_record(second, "~")
    assert as_("second").post(of("approve", proposal), {"seen": "yes"}).status_code == 403
    with pytest.raises(IntegrityError, match=EDITION_NEEDS_TWO), transaction.atomic():
        EditionProposal.objects.filter(pk=proposal.pk).update(
            state="confirmed", decided_by=second, decided_at=timezone.now()
        )


def test_retiring_and_withdrawing_show_the_second_what_follows(as_, published, draft, today):
    data = {"reason": WHY, "day": f"{today}", "shown": f"{today}"}
    as_("first").post(of_edition("retire", published), data)
    proposal = published.proposals.get()
    page = text(as_("second").get(of("change", proposal)))
    assert f"{today} 起，自测不再包括这个项目" in page
    assert "与&lt;b&gt;文件不符" in page
    assert "正在等另一位编辑审核" in text(as_("first").get(of_edition("withdraw", published)))
    assert "已停用" in text(as_("second").post(of("approve", proposal), follow=True))
    assert status_of(published) == "retired"


def test_a_start_in_the_past_needs_a_reason(as_, draft, today):
    draft.effective_from = today - timedelta(days=1)
    draft.save()
    response = as_("first").post(of_edition("publish", draft))
    assert response.status_code == 400
    assert "已经过去" in text(response)
    unticked = as_("first").post(of_edition("publish", draft), {"because-start": "文件晚到"})
    assert unticked.status_code == 400
    assert "请核对后勾选" in text(unticked)
    assert "文件晚到" in text(unticked)
    proposal = asked(as_("first"), draft, **{"because-start": "文件晚到"})
    assert "文件晚到" in text(as_("second").get(of("change", proposal)))


def test_money_that_changed_under_the_same_clause_is_answered_for(as_, draft):
    draft.awards.first().tranches.update(amount=77)
    ready(draft)
    page = text(as_("first").get(of_edition("effect", draft)))
    assert "依据仍是" in page
    key = draft.awards.first().position - 1
    answers = answers_to(draft) | {f"because-amount-{key}": "以前录错了"}
    silent = {name: told for name, told in answers.items() if not name.endswith(f"amount-{key}")}
    assert as_("first").post(of_edition("publish", draft), silent).status_code == 400
    proposal = asked(as_("first"), draft, **answers)
    told = text(as_("second").get(of("change", proposal)))
    assert "以前录错了" in told
    assert "依据仍是" in told


def test_a_limit_that_changed_under_the_same_clause_is_answered_for(as_, draft):
    answers = answers_to(draft) | {"because-limit-XSG.3": "以前看错了"}
    unticked = {name: told for name, told in answers.items() if name != "looked-limit-XSG.3"}
    response = as_("first").post(of_edition("publish", draft), unticked)
    assert (response.status_code, status_of(draft)) == (400, "draft")
    assert "请核对后勾选" in text(response)
    proposal = asked(as_("first"), draft, **answers)
    told = text(as_("second").get(of("change", proposal)))
    assert "界限由“" in told
    assert "以前看错了" in told


def test_a_draft_that_waits_is_not_deleted_and_one_that_was_refused_may_be(as_, draft, people):
    proposal = asked(as_("first"), draft)
    page = of_edition("delete", draft)
    assert STILL_WAITS in text(as_("first").post(page, {"reason": "不要了", "post": "yes"}))
    assert status_of(draft) == "draft"
    as_("second").post(of("refuse", proposal), {"reason": WHY})
    as_("first").post(page, {"reason": "不要了", "post": "yes"})
    assert not Edition.objects.filter(pk=draft.pk).exists()
    proposal.refresh_from_db()
    assert "已经删除" in text(as_("second").get(of("change", proposal)))
    assert LogEntry.objects.filter(change_message__contains="提交审核").exists()


# --- the database ---------------------------------------------------------------------------


def refused(told, act):
    with pytest.raises(IntegrityError, match=told), transaction.atomic():
        act()


def confirmed(edition, act, **fields):
    """Said by two, as the service writes it."""
    first, second = editor_of(""), editor_of("")
    values = {
        "edition": edition, "subject": "x", "jurisdiction_code": "140500", "act": act, "reason": "y",
        "day": edition.effective_from, "digest": edition.digest or digest_now(edition),
        "proposed_by": first, "proposed_at": timezone.now(),
    }  # fmt: skip
    proposal = EditionProposal.objects.create(**(values | fields))
    rows = EditionProposal.objects.filter(pk=proposal.pk)
    done = {"state": "confirmed", "decided_at": timezone.now()}
    refused(EDITION_NEEDS_TWO, lambda: rows.update(**done, decided_by=first))
    rows.update(**done, decided_by=second)
    return proposal


def test_the_database_publishes_nothing_that_one_person_wants(db):
    draft = ready(CriterionFactory(rule=None, kind="manual").edition)
    draft.refresh_from_db()
    rows = Edition.objects.filter(pk=draft.pk)
    refused(NOT_AGREED, lambda: publish_edition(draft))
    refused(NOT_AGREED, lambda: rows.update(status="published", digest="d"))
    refused(PACK_STAYS_PACK, lambda: rows.update(is_packed=True))
    refused(NOT_AGREED, lambda: EditionFactory(status="published", digest="d"))
    confirmed(draft, "publish", digest="of another draft")
    refused(NOT_AGREED, lambda: publish_edition(draft))
    confirmed(draft, "publish", day=draft.effective_from + timedelta(days=1))
    refused(NOT_AGREED, lambda: publish_edition(draft))
    confirmed(draft, "withdraw")
    refused(NOT_AGREED, lambda: publish_edition(draft))
    confirmed(draft, "publish")
    publish_edition(draft)
    assert status_of(draft) == "published"


@pytest.mark.parametrize(
    ("status", "fields"),
    [("retired", {"own_end": "2030-01-01", "ends": "2030-01-01"}), ("withdrawn", {})],
)
def test_the_database_ends_no_right_that_one_person_wants_ended(db, status, fields):
    packed = EditionFactory(is_packed=True, effective_from="2024-01-01")
    rows = Edition.objects.filter(pk=packed.pk)
    # What an operator loads is nobody's proposal.
    rows.update(status="published", digest="d")
    closing = {"status": status, "reason": "z", "closed_at": timezone.now(), **fields}
    refused(NOT_AGREED, lambda: rows.update(**closing))
    packed.refresh_from_db()
    act = {"retired": "retire", "withdrawn": "withdraw"}[status]
    confirmed(packed, act, **({"day": "2030-01-01"} if act == "retire" else {}))
    rows.update(**closing)
    assert status_of(packed) == status


def test_the_database_corrects_nothing_that_one_person_wants_corrected(db):
    old = EditionFactory(is_packed=True)
    Edition.objects.filter(pk=old.pk).update(status="published", digest="d")
    old.refresh_from_db()
    draft = EditionFactory(programme=old.programme, effective_from=old.effective_from, corrects=old)
    closing = {"status": "corrected", "reason": "z", "closed_at": timezone.now()}
    refused(NOT_AGREED, lambda: Edition.objects.filter(pk=old.pk).update(**closing))
    confirmed(draft, "correct")
    Edition.objects.filter(pk=old.pk).update(**closing)
    assert status_of(old) == "corrected"


def test_what_was_proposed_stays_as_it_was_said(db):
    draft = CriterionFactory(rule=None, kind="manual").edition
    proposal = confirmed(draft, "publish")
    rows = EditionProposal.objects.filter(pk=proposal.pk)
    other = EditionFactory()
    for change in (
        {"reason": "另说"}, {"digest": "e"}, {"act": "retire"}, {"state": "pending"},
        {"edition": other}, {"answers": ["x"]}, {"decided_by": proposal.proposed_by},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM editors_editionproposal")


def test_a_nations_programme_is_the_provinces_to_approve(people):
    nation = JurisdictionFactory(code="100000", name="国家", level="nation", parent=None)
    draft = CriterionFactory(rule=None, kind="manual").edition
    draft.programme.area = nation
    draft.programme.save()
    proposal = EditionProposal(
        jurisdiction_code=nation.pk, proposed_by=people["first"], act="publish"
    )
    assert second_editors(proposal) == [people["province"]]
