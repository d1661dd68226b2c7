"""What several share is changed by the province's editors, or by two editors of two places."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import CalendarDay, PublishedYear
from policies.catalogue.models import Citation, Conflict, Document, Fact, Programme
from policies.editors.models import ProposedChange
from policies.editors.uses import areas_using
from portal.models import Jurisdiction
from portal.one_hand import PASSWORD_SET
from tests.factories import (
    CriterionFactory,
    EditionFactory,
    FactFactory,
    JurisdictionFactory,
    WindowFactory,
)
from tests.policies.editors.people import JINCHENG, PROVINCE, QINSHUI, YUNCHENG, editor_of
from tests.policies.editors.test_admin import sent_back
from tests.policies.editors.test_admin import url as catalogue_url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
SHARED = "test.shared"


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def url(name, *args):
    if name.startswith(("publishedyear", "calendarday")):
        return reverse(f"admin:cases_{name}", args=args)
    if name.startswith("proposedchange"):
        return reverse(f"admin:editors_{name}", args=args)
    return catalogue_url(name, *args)


@pytest.fixture
def people():
    return {
        "jincheng": editor_of(JINCHENG, username="晋城编辑"),
        "jincheng2": editor_of(JINCHENG, username="晋城编辑乙"),
        "qinshui": editor_of(QINSHUI, username="沁水编辑"),
        "yuncheng": editor_of(YUNCHENG, username="运城编辑"),
        "province": editor_of(PROVINCE, username="省编辑"),
        "nowhere": editor_of("", username="无地编辑"),
    }


@pytest.fixture
def as_(people):
    def log_in(name):
        client = Client()
        client.force_login(people[name])
        return client

    return log_in


def used_in(row, *codes):
    """Make drafts of these areas use a fact, a document or a conflict."""
    for code in codes:
        edition = EditionFactory(
            programme__area=Jurisdiction.objects.get(pk=code), programme__family="其他"
        )
        if isinstance(row, Fact):
            CriterionFactory(edition=edition, rule={"fact": row.key, "at_least": 1})
        elif isinstance(row, Document):
            Citation.objects.create(document=row, criterion=CriterionFactory(edition=edition))
        else:
            edition.programme.conflicts.add(row)
    return row


@pytest.fixture
def fact():
    """A fact that programmes of 晋城 and 运城 read."""
    return used_in(FactFactory(key=SHARED, label="共用的指标", help="看账本"), JINCHENG, YUNCHENG)


def change(client, model, pk, **values):
    address = url(f"{model}_change", pk)
    return client.post(address, sent_back(client.get(address)) | values)


def proposed(as_, fact, who="jincheng", **values):
    answer = change(
        as_(who), "fact", fact.pk, **({"label": "改后的指标", "why": "原来写错了"} | values)
    )
    assert answer.status_code == 302, answer.context["errors"]
    return ProposedChange.objects.get(outcome="")


def act(client, proposal, name, **data):
    return client.post(url(f"proposedchange_{name}", proposal.pk), data)


def test_one_editor_proposes_and_one_of_another_place_accepts(as_, people, fact):
    page = as_("jincheng").get(url("fact_change", fact.pk)).content.decode()
    assert "由晋城市、运城市的项目使用" in page
    assert "提交，请另一位编辑确认" in page
    assert "保存并继续编辑" not in page
    proposal = proposed(as_, fact)
    fact.refresh_from_db()
    assert fact.label == "共用的指标"
    assert proposal.after == {"label": "改后的指标"}
    assert proposal.before["label"] == "共用的指标"
    assert proposal.subject == "共用的指标"
    assert (proposal.proposed_by, proposal.reason) == (people["jincheng"], "原来写错了")
    other = as_("yuncheng")
    assert "等我确认的修改 <strong>1</strong> 项" in other.get("/admin/").content.decode()
    listed = other.get(url("proposedchange_changelist") + "?waiting=mine")
    assert list(listed.context["cl"].result_list) == [proposal]
    shown = other.get(url("proposedchange_change", proposal.pk)).content.decode()
    for text in ("共用的指标", "改后的指标", "原来写错了", "晋城编辑", "确认，照着改"):
        assert text in shown
    assert act(other, proposal, "accept").status_code == 302
    fact.refresh_from_db()
    proposal.refresh_from_db()
    assert (fact.label, proposal.outcome) == ("改后的指标", "accepted")
    assert proposal.decided_by == people["yuncheng"]
    record = fact.history.first()
    assert record.history_user == people["yuncheng"]
    assert record.history_change_reason == "晋城编辑 提出：原来写错了；运城编辑 确认"
    history = other.get(url("fact_history", fact.pk)).content.decode()
    assert "晋城编辑 提出：原来写错了；运城编辑 确认" in history


@pytest.mark.parametrize("who", ["jincheng", "jincheng2", "qinshui", "nowhere"])
def test_nobody_of_the_proposer_s_own_place_accepts(as_, fact, who):
    proposal = proposed(as_, fact)
    client = as_(who)
    for name in ("accept", "reject"):
        assert act(client, proposal, name, note="不要").status_code == 403
    assert (
        "确认，照着改" not in client.get(url("proposedchange_change", proposal.pk)).content.decode()
    )
    proposal.refresh_from_db()
    fact.refresh_from_db()
    assert (proposal.outcome, fact.label) == ("", "共用的指标")
    assert "等我确认的修改 <strong>0</strong>" in client.get("/admin/").content.decode()


def test_the_province_changes_alone_and_decides_what_others_propose(as_, fact):
    proposal = proposed(as_, fact)
    province = as_("province")
    assert "提交，请另一位" not in province.get(url("fact_change", fact.pk)).content.decode()
    assert change(province, "fact", fact.pk, help="看报表").status_code == 302
    fact.refresh_from_db()
    assert fact.help == "看报表"
    assert act(province, proposal, "reject", note="先等统计局").status_code == 302
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.note) == ("rejected", "先等统计局")


def test_it_is_sent_back_with_a_reason_only(as_, fact):
    proposal = proposed(as_, fact)
    answer = act(as_("yuncheng"), proposal, "reject", note=" ")
    assert answer.status_code == 400
    assert "请写明为什么退回" in answer.content.decode()
    act(as_("yuncheng"), proposal, "reject", note="不对")
    again = act(as_("yuncheng"), proposal, "accept")
    assert "已经办理" in again.content.decode()
    fact.refresh_from_db()
    assert fact.label == "共用的指标"
    assert "不对" in as_("jincheng").get(url("proposedchange_change", proposal.pk)).content.decode()


def test_its_proposer_withdraws_it_and_nobody_else(as_, fact):
    proposal = proposed(as_, fact)
    assert act(as_("yuncheng"), proposal, "withdraw").status_code == 403
    assert act(as_("jincheng"), proposal, "withdraw").status_code == 302
    proposal.refresh_from_db()
    assert proposal.outcome == "withdrawn"
    assert proposed(as_, fact).pk != proposal.pk


def test_the_page_says_who_uses_it_and_who_of_which_place_accepted(as_, fact):
    proposal = proposed(as_, fact)
    other = as_("yuncheng")
    page = url("proposedchange_change", proposal.pk)
    assert "现在用到它的：晋城市、运城市。" in other.get(page).content.decode()
    act(other, proposal, "accept")
    assert "运城编辑（运城市）：已确认" in other.get(page).content.decode()


def moves_to_yuncheng(people, fact):
    people["jincheng2"].jurisdiction_code = YUNCHENG
    people["jincheng2"].save()
    people["jincheng"].jurisdiction_code = YUNCHENG
    people["jincheng"].save()
    return "jincheng2"


def place_is_moved(people, fact):
    """A county of another city that was asked lies within the proposer's place now."""
    county = JurisdictionFactory(code="140899", name="新县", level="county", parent_id=YUNCHENG)
    ProposedChange.objects.get().asked.set([county])
    Jurisdiction.objects.filter(pk=county.pk).update(parent=JINCHENG)
    return "jincheng2"


def made_by_the_proposer(people, fact):
    other = people["yuncheng"]
    other._history_user, other._change_reason = people["jincheng"], PASSWORD_SET
    other.set_password("new-secret-1")
    other.is_active = False
    other.save()
    other.is_active = True
    other.save()
    return "yuncheng"


@pytest.mark.parametrize("turn", [moves_to_yuncheng, place_is_moved, made_by_the_proposer])
def test_the_proposers_own_place_or_hand_never_accepts(as_, people, fact, turn):
    proposal = proposed(as_, fact)
    who = turn(people, fact)
    answer = act(as_(who), proposal, "accept")
    assert answer.status_code in (400, 403)
    proposal.refresh_from_db()
    assert proposal.is_open
    fact.refresh_from_db()
    assert fact.label == "共用的指标"


def test_the_database_knows_accounts_in_one_hand(as_, people, fact):
    proposal = proposed(as_, fact)
    made_by_the_proposer(people, fact)
    with pytest.raises(IntegrityError, match="同一个人手里"), transaction.atomic():
        ProposedChange.objects.filter(pk=proposal.pk).update(
            outcome="accepted", decided_by=people["yuncheng"], decided_at=timezone.now()
        )


def test_what_was_changed_since_is_told_and_not_overwritten(as_, fact):
    proposal = proposed(as_, fact)
    change(as_("province"), "fact", fact.pk, help="看报表", label="省里改的")
    other = as_("yuncheng")
    shown = other.get(url("proposedchange_change", proposal.pk)).content.decode()
    assert "这条记录又改过（指标名称、数据在哪里找）" in shown
    assert "确认，照着改" not in shown
    answer = act(other, proposal, "accept")
    assert answer.status_code == 400
    assert "又改过" in answer.content.decode()
    fact.refresh_from_db()
    assert fact.label == "省里改的"
    assert act(other, proposal, "reject", note="已改").status_code == 302


def test_a_row_that_is_gone_is_told(as_):
    row = FactFactory(key="test.loaded")
    proposal = proposed(as_, row)
    Fact.objects.filter(pk=row.pk).delete()
    for client in (as_("yuncheng"), as_("province")):
        assert "已经删除" in client.get(url("proposedchange_change", proposal.pk)).content.decode()
    assert act(as_("province"), proposal, "accept").status_code == 400


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"why": ""}, "why", "请写明修改理由"),
        ({"why": " \n"}, "why", "请写明修改理由"),
        ({"why": "长" * 2001}, "why", "最多 2000 字"),
        ({"label": "", "help": "打好的字"}, "label", "必填"),
        ({"unit": "元", "help": "打好的字"}, "unit", "这个指标已用于"),
        ({"minimum": "9", "maximum": "1"}, "maximum", "最大值不能小于最小值"),
        ({"label": "共用的指标"}, "__all__", "没有改动"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(as_, fact, values, field, told):
    answer = change(
        as_("jincheng"), "fact", fact.pk, **({"label": "改后的指标", "why": "理由在此"} | values)
    )
    assert answer.status_code == 200
    assert told in str(answer.context["adminform"].form.errors[field])
    page = answer.content.decode()
    assert all(value in page for value in values.values() if value.strip())
    assert "提交，请另一位编辑确认" in page
    assert not ProposedChange.objects.exists()


def test_a_second_proposal_waits_for_the_first(as_, fact):
    first = proposed(as_, fact)
    answer = change(as_("yuncheng"), "fact", fact.pk, help="看税表", why="更准")
    assert "已有一项修改在等确认" in str(answer.context["adminform"].form.errors)
    assert "看税表" in answer.content.decode()
    page = as_("yuncheng").get(url("fact_change", fact.pk)).content.decode()
    assert url("proposedchange_change", first.pk) in page


def test_what_became_wrong_by_another_row_is_refused_by_the_same_form(as_):
    """Accepting checks again: here the guard, as the fact is used by now."""
    row = FactFactory(key="test.unused", unit="")
    proposal = proposed(as_, row, unit="元", label="改名")
    used_in(row, YUNCHENG)
    answer = act(as_("province"), proposal, "accept")
    assert answer.status_code == 400
    assert "这个指标已用于" in answer.content.decode()
    row.refresh_from_db()
    assert (row.unit, row.label) == ("", "主营业务收入")


@pytest.mark.parametrize(
    ("make", "codes", "who"),
    [
        (lambda: FactFactory(key=SHARED), [JINCHENG, QINSHUI], ["jincheng", "province"]),
        (lambda: FactFactory(key=SHARED), [QINSHUI], ["jincheng", "qinshui", "province"]),
        (lambda: FactFactory(key=SHARED), [PROVINCE], ["province"]),
        (lambda: FactFactory(key=SHARED), ["100000", JINCHENG], ["province"]),
        # Loaded by hand of nobody and used by none.
        (lambda: FactFactory(key=SHARED), [], ["province"]),
        (lambda: Document.objects.get(number="晋市政办〔2021〕35号"), [], ["jincheng", "province"]),
        (lambda: Document.objects.get(number="晋市政办〔2021〕35号"), [YUNCHENG], ["province"]),
        (lambda: Conflict.objects.create(code="C99", text="x"), [YUNCHENG], ["yuncheng", "province"]),
        (lambda: Conflict.objects.create(code="C99", text="x"), [YUNCHENG, QINSHUI], ["province"]),
        # Asked of everybody, and places are where firms are.
        (lambda: Fact.objects.get(pk="enterprise.employees"), [], ["province"]),
        (lambda: Jurisdiction.objects.get(pk=QINSHUI), [], ["province"]),
    ],
)  # fmt: skip
def test_who_is_in_charge_of_all_that_uses_a_row_changes_it_alone(as_, make, codes, who):
    row = used_in(make(), *codes)
    name = row._meta.model_name
    alone = [
        each
        for each in ("jincheng", "qinshui", "yuncheng", "province")
        if 'name="why"' not in as_(each).get(url(f"{name}_change", row.pk)).content.decode()
    ]
    assert alone == who


def test_an_unused_row_is_its_maker_s_until_others_use_it(as_, people):
    client = as_("jincheng")
    data = sent_back(client.get(url("fact_add")))
    data |= {"key": "new.fact", "section": "经营", "label": "新指标", "type": "int"}
    assert client.post(url("fact_add"), data).status_code == 302
    row = Fact.objects.get(pk="new.fact")
    assert areas_using(row) == {JINCHENG}
    assert change(client, "fact", row.pk, label="改一改").status_code == 302
    row.refresh_from_db()
    assert row.label == "改一改"
    for other in ("qinshui", "yuncheng"):
        assert as_(other).post(url("fact_delete", row.pk), {"post": "yes"}).status_code == 403
    used_in(row, YUNCHENG)
    assert change(client, "fact", row.pk, label="又改", why="理由").status_code == 302
    row.refresh_from_db()
    assert row.label == "改一改"
    [proposal] = ProposedChange.objects.all()
    assert [each.pk for each in proposal.asked.all()] == [YUNCHENG]


def test_every_way_of_using_a_row_counts():
    programme = Programme.objects.get(pk="yun-xsg")
    document = Document.objects.create(number="新〔2026〕1号", title="新", issuer="新")
    WindowFactory(programme=programme, document=document)
    assert areas_using(document) == {YUNCHENG}
    tier = FactFactory(key="test.tier", type="enum", choices={"a": "甲"})
    Programme.objects.filter(pk="yun-xsg").update(tier_fact="test.tier", tier_code="a")
    assert areas_using(tier) == {YUNCHENG}
    edition = EditionFactory(
        programme=Programme.objects.get(pk="jc-xsg"), effective_from="2031-01-01"
    )
    nested = FactFactory(key="test.nested")
    CriterionFactory(edition=edition, when={"any": [{"not": {"fact": "test.nested", "is": 1}}]})
    assert areas_using(nested) == {JINCHENG}
    # A key that only begins alike is another one.
    assert areas_using(FactFactory(key="test.neste")) is None
    conflict = Conflict.objects.create(code="C98", text="y")
    CriterionFactory(edition=edition, reason="C98")
    assert areas_using(conflict) == {JINCHENG}


def test_shared_rows_are_deleted_by_who_may_change_them_alone(as_):
    row = FactFactory(key="test.nobodys")
    deletion = {"post": "yes", "reason": "没有用到"}
    for who in ("jincheng", "nowhere"):
        client = as_(who)
        assert client.post(url("fact_delete", row.pk), deletion).status_code == 403
        assert Fact.objects.filter(pk=row.pk).exists()
    assert as_("province").post(url("fact_delete", row.pk), deletion).status_code == 302
    assert not Fact.objects.filter(pk=row.pk).exists()


def test_a_place_is_named_by_two_and_moved_by_the_province(as_):
    client = as_("jincheng")
    assert not {"parent", "level"} & set(sent_back(client.get(url("jurisdiction_change", QINSHUI))))
    forged = {"name": "沁水", "parent": YUNCHENG, "level": "city", "why": "简称"}
    assert change(client, "jurisdiction", QINSHUI, **forged).status_code == 302
    proposal = ProposedChange.objects.get()
    assert proposal.after == {"name": "沁水"}
    assert act(as_("yuncheng"), proposal, "accept").status_code == 302
    place = Jurisdiction.objects.get(pk=QINSHUI)
    assert (place.name, place.parent_id) == ("沁水", JINCHENG)
    assert client.post(url("jurisdiction_delete", QINSHUI), {"post": "yes"}).status_code == 403


def test_days_off_are_entered_by_two_or_by_the_province(as_):
    client, year = as_("jincheng"), 2031
    data = {
        "year": str(year),
        "document_number": "国办发明电〔2030〕1号",
        "days_off": "01-01\r\n05-01 至 05-03\r\n10-01 至 10-07",
        "days_worked": "",
    }
    page = client.get(url("publishedyear_add"))
    assert "这里新增的各地都用" in page.content.decode()
    broken = client.post(url("publishedyear_add"), data | {"days_off": "元旦", "why": "新的一年"})
    assert "看不懂" in broken.content.decode()
    assert client.post(url("publishedyear_add"), data).status_code == 200
    assert client.post(url("publishedyear_add"), data | {"why": "新的一年"}).status_code == 302
    assert not PublishedYear.objects.exists()
    assert not CalendarDay.objects.exists()
    proposal = ProposedChange.objects.get()
    assert proposal.object_id == ""
    other = as_("yuncheng")
    assert "10-01 至 10-07" in other.get(url("proposedchange_change", proposal.pk)).content.decode()
    assert act(other, proposal, "accept").status_code == 302
    assert PublishedYear.objects.get().year == year
    assert CalendarDay.objects.filter(is_working_day=False).count() == 11
    # One day of it, changed by two as well, and the whole again with the same days.
    day = CalendarDay.objects.get(date="2031-05-03")
    assert change(client, "calendarday", day.pk, is_working_day="on", why="调了").status_code == 302
    assert act(other, ProposedChange.objects.get(outcome=""), "accept").status_code == 302
    day.refresh_from_db()
    assert day.is_working_day
    row = PublishedYear.objects.get()
    again = change(
        client,
        "publishedyear",
        row.pk,
        why="没有变",
        days_off="01-01\r\n05-01 至 05-02\r\n10-01 至 10-07",
    )
    assert "没有改动" in str(again.context["adminform"].form.errors)
    change(client, "publishedyear", row.pk, why="通知改号", document_number="国办发明电〔2030〕2号")
    assert CalendarDay.objects.filter(note="国办发明电〔2030〕1号").exists()
    assert act(other, ProposedChange.objects.get(outcome=""), "accept").status_code == 302
    assert not CalendarDay.objects.filter(note="国办发明电〔2030〕1号").exists()


def kept(people, **values):
    row = ProposedChange(
        content_type=ContentType.objects.get_for_model(Fact), object_id=SHARED, subject="指标",
        before={}, after={"label": "x"}, reason="理由", proposed_by=people["jincheng"],
        jurisdiction_code=JINCHENG, proposed_at=timezone.now(),
    )  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


@pytest.mark.parametrize(
    "values",
    [
        {"reason": ""},
        {"outcome": "accepted"},
        {"outcome": "accepted", "decided_by": "jincheng", "decided_at": timezone.now()},
        {"outcome": "rejected", "note": "x", "decided_by": "jincheng", "decided_at": timezone.now()},
        {"outcome": "rejected", "note": "", "decided_by": "yuncheng", "decided_at": timezone.now()},
        {"outcome": "withdrawn", "decided_by": "yuncheng", "decided_at": timezone.now()},
        {"outcome": "lost", "decided_by": "yuncheng", "decided_at": timezone.now()},
    ],
)  # fmt: skip
def test_the_database_asks_for_two_people_and_reasons(people, values):
    if "decided_by" in values:
        values = values | {"decided_by": people[values["decided_by"]]}
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(people, **values)


def test_the_database_keeps_what_was_proposed(people):
    row = kept(people)
    rows = ProposedChange.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(people)
    for values in (
        {"after": {"label": "y"}}, {"before": {"label": "y"}}, {"reason": "别的"},
        {"proposed_by": people["province"]}, {"object_id": "other"},
        {"proposed_at": timezone.now() + timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    done = {"decided_by": people["yuncheng"], "decided_at": timezone.now(), "outcome": "accepted"}
    rows.update(**done)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome="", decided_by=None, decided_at=None)


def test_the_list_asks_as_often_however_long(as_, people, django_assert_max_num_queries):
    for number in range(20):
        kept(people, object_id=f"{SHARED}{number}")
    client = as_("yuncheng")
    client.get(url("proposedchange_changelist"))  # counts what the menu shows for a minute
    with django_assert_max_num_queries(12):
        assert len(client.get(url("proposedchange_changelist")).context["cl"].result_list) == 20
