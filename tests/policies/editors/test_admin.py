"""The catalogue in the admin: drafts are edited without JSON, published editions only read."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Criterion, Edition, Fact, Tranche
from policies.editors.builder.field import BuilderWidget
from tests.factories import CriterionFactory, UserFactory
from tests.policies.editors.browser_form import sent
from tests.policies.editors.people import approve
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
MODELS = [
    "jurisdiction", "document", "conflict", "fact", "programme", "edition", "criterion", "award"
]  # fmt: skip


def url(name, *args):
    room = "portal" if name.startswith("jurisdiction") else "catalogue"
    return reverse(f"admin:{room}_{name}", args=args)


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = UserFactory(is_superuser=True, jurisdiction_code="")
    client.force_login(user)
    return user


@pytest.fixture
def published(db):
    return Edition.objects.get(programme="jc-xsg")


@pytest.fixture
def draft(client, editor, published):
    client.post(url("edition_copy", published.pk))
    return Edition.objects.get(status="draft")


@pytest.fixture
def investment(client, editor):
    """A draft's criterion that compares a number: at least 1000."""
    edition = Edition.objects.get(programme="jc-proj-in")
    client.post(url("edition_copy", edition.pk))
    return Criterion.objects.get(edition__status="draft", code="PI.6")


def typed(form):
    """What a browser sends back for a form as it was shown."""
    data = {}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field.widget, BuilderWidget):
            data |= sent(bound.as_widget())
        elif value is not None and value is not False:
            data[bound.html_name] = value
    return data


def sent_back(response):
    data = typed(response.context["adminform"].form)
    for formset in response.context["inline_admin_formsets"]:
        data |= typed(formset.formset.management_form)
        for form in formset.formset.forms:
            data |= typed(form)
    return data


@pytest.mark.parametrize("model", MODELS)
def test_every_page_opens_in_chinese_with_few_queries(
    client, editor, model, django_assert_max_num_queries
):
    listing = url(f"{model}_changelist")
    client.get(listing)
    with django_assert_max_num_queries(12):
        page = client.get(listing)
    assert page.status_code == 200
    assert client.get(listing, {"q": "小升规"}).status_code == 200
    first = page.context["cl"].result_list[0]
    with django_assert_max_num_queries(24):
        detail = client.get(url(f"{model}_change", first.pk))
    assert detail.status_code == 200


def test_a_published_edition_reads_in_plain_words(client, editor, published):
    page = client.get(url("edition_change", published.pk)).content.decode()
    assert "主营业务收入（申报年度） ≥ 2000 万元" in page.replace("&gt;", ">")
    assert "首次升规：30 万元" in page
    assert "内容不能改动" in page
    assert "发布</button>" not in page


def test_nothing_of_a_published_edition_changes_by_hand(client, editor, published):
    criterion = published.criteria.first()
    for name, row in (("edition", published), ("criterion", criterion)):
        assert client.post(url(f"{name}_change", row.pk), {"text": "别的"}).status_code == 403
        assert client.post(url(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.get(url("criterion_add"), {"edition": published.pk}).status_code == 404
    assert client.post(url("award_add"), {"edition": published.pk}).status_code == 404
    criterion.refresh_from_db()
    assert criterion.text != "别的"


def test_a_draft_is_changed_by_choosing_and_typing(client, investment):
    page = client.get(url("criterion_change", investment.pk))
    data = sent_back(page)
    label = Fact.objects.get(pk="project.total_investment").label
    assert (data["rule.fact"], data["rule.operator"]) == ([label], ["at_least"])
    assert data["rule.value"] == ["1000"]
    response = client.post(url("criterion_change", investment.pk), data | {"rule.value": "3000"})
    assert response.url == url("edition_change", investment.edition_id)
    investment.refresh_from_db()
    assert investment.rule == {"fact": "project.total_investment", "at_least": 3000}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule.value": "很多"}, "请填数字"),
        ({"rule.value": "两千"}, "2000 元还是 2000 万元"),
        ({"rule.value": "1,5"}, "1.5 还是 15"),
        ({"rule.value": "1_000"}, "看不懂"),
        ({"rule.value": ""}, "请填值"),
        ({"rule.value": "1；2"}, "只能填一个值"),
        ({"rule.operator": "has"}, "不能用“含有”来比较"),
        ({"rule.operator": ""}, "请选比较方式"),
        ({"rule.json": '{"fact": "x"}'}, "应恰好有一个运算"),
        ({"rule.json": "{"}, "JSON"),
        (
            {"rule.fact": "enterprise.ownership", "rule.operator": "is", "rule.value": "外星"},
            "不在选项中",
        ),
        (
            {
                "when.is": "leaf",
                "when.fact": "zjtx.tiers",
                "when.kind": "leaf",
                "when.operator": "non_empty",
                "when.value": "1",
            },
            "不用填值",
        ),
    ],
)
def test_a_bad_rule_is_named_beside_its_field_and_kept(client, investment, changes, message):
    data = sent_back(client.get(url("criterion_change", investment.pk))) | changes
    response = client.post(url("criterion_change", investment.pk), data)
    assert response.status_code == 200
    assert message in str(response.context["adminform"].form.errors)
    page = response.content.decode()
    assert f'value="{changes["rule.value"]}"' in page if changes.get("rule.value") else page
    investment.refresh_from_db()
    assert investment.rule == {"fact": "project.total_investment", "at_least": 1000}


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("[project.progress.y1|总投资达到{}]", "缺少 project.total_investment 的说法"),
        ("[project.total_investment|总投资达到1000万元]", "数字不要写在句子里"),
        ("[project.total_investment|总投资很大]", "要用 {} 写出界限（1000万元）"),
        ("总投资达到{}", "的位置不对"),
    ],
)
def test_a_sentence_that_does_not_fit_is_named_beside_its_field_and_kept(
    client, investment, sentence, told
):
    data = sent_back(client.get(url("criterion_change", investment.pk)))
    response = client.post(
        url("criterion_change", investment.pk), data | {"sentence": sentence, "text": "总投资够"}
    )
    assert response.status_code == 200
    form = response.context["adminform"].form
    assert told in str(form.errors["sentence"])
    assert (form["sentence"].value(), form["text"].value()) == (sentence, "总投资够")
    investment.refresh_from_db()
    assert investment.text != "总投资够"


def test_the_preview_tells_the_sentence_as_it_is_typed_and_saves_nothing(client, investment):
    data = sent_back(client.get(url("criterion_change", investment.pk)))

    def told(**changes):
        answer = client.post(url("criterion_preview"), data | changes)
        assert answer.status_code == 200
        return answer.content.decode()

    typed = "[project.total_investment|<b>投资</b>满{}]"
    assert told(sentence=typed, **{"rule.value": "3000"}) == "&lt;b&gt;投资&lt;/b&gt;满3000万元"
    assert "要用 {} 写出界限" in told(sentence="[project.total_investment|投资很大]")
    assert "还不能用" in told(sentence=typed, **{"rule.value": "很多"})
    assert "按规则生成" in told(sentence="")
    before = investment.sentence
    investment.refresh_from_db()
    assert investment.sentence == before
    page = client.get(url("criterion_change", investment.pk)).content.decode()
    assert 'id="sentence-preview"' in page
    assert f'hx-post="{url("criterion_preview")}"' in page


def test_another_rule_asks_for_another_sentence(client, investment):
    address = url("criterion_change", investment.pk)
    data = sent_back(client.get(address)) | {"rule.fact": "project.fixed_asset_investment"}
    errors = client.post(address, data).context["adminform"].form.errors
    assert "缺少 project.fixed_asset_investment 的说法" in str(errors["sentence"])
    told = "[project.fixed_asset_investment|固定资产投资达到{}]"
    assert client.post(address, data | {"sentence": told}).status_code == 302
    assert "固定资产投资达到1000万元" in client.get(address).content.decode()


def test_a_limit_that_changes_shows_in_the_sentence(client, investment):
    address = url("criterion_change", investment.pk)
    data = sent_back(client.get(address)) | {"rule.value": "3000"}
    client.post(address, data)
    assert "项目总投资（以备案证为准）达到3000万元" in client.get(address).content.decode()


def test_a_row_of_a_table_has_its_sentence_in_the_rule(client, editor):
    client.post(url("edition_copy", Edition.objects.get(programme="jc-share").pk))
    row = Criterion.objects.get(edition__status="draft", code="SH.8")
    address = url("criterion_change", row.pk)
    page = client.get(address)
    assert "文件没有列明的其他行业：前年末总资产达到500万元" in page.content.decode()
    data = sent_back(page)
    name = "rule.rows.0.sentence"
    changed = data[name][0].replace("[assets.total.y2|前年末总资产达到{}]", "资产够多")
    errors = client.post(address, data | {name: changed}).context["adminform"].form.errors
    assert "cases[0].sentence：缺少 assets.total.y2 的说法" in str(errors["rule"])


def test_a_criterion_is_added_from_the_draft(client, draft):
    page = client.get(url("criterion_add"), {"edition": draft.pk})
    data = sent_back(page) | {
        "code": "XSG.9",
        "kind": "gate",
        "text": "从业人员不少于20人",
        "rule.fact": "enterprise.employees",
        "rule.operator": "at_least",
        "rule.value": "20",
    }
    response = client.post(url("criterion_add") + f"?edition={draft.pk}", data)
    assert response.url == url("edition_change", draft.pk)
    assert draft.criteria.get(code="XSG.9").rule == {"fact": "enterprise.employees", "at_least": 20}


def test_an_amount_is_a_number_or_a_formula(client, draft):
    tranche = Tranche.objects.filter(award__edition=draft).first()
    address = url("award_change", tranche.award_id)
    data = sent_back(client.get(address))
    amount = "tranches-0-amount"
    span = {f"{amount}.{name}": "range" for name in ("is", "kind")}
    wrong = data | span | {f"{amount}.low": "5", f"{amount}.high": "1"}
    assert "下限大于上限" in client.post(address, wrong).content.decode()
    assert client.post(address, data | {f"{amount}.amount": "三十"}).status_code == 200
    assert client.post(address, data | {f"{amount}.json": '{"cap": 50}'}).status_code == 302
    tranche.refresh_from_db()
    assert tranche.amount == {"cap": 50}


def test_a_draft_is_published_and_joins_the_one_before(client, draft, published):
    response = client.post(url("edition_publish", draft.pk), follow=True)
    assert "等另一位编辑审核" in response.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft
    assert "已发布" in approve().content.decode()
    draft.refresh_from_db()
    published.refresh_from_db()
    assert draft.status == "published"
    assert published.ends == draft.effective_from


@pytest.mark.parametrize("name", ["effective_from", "own_end"])
@pytest.mark.parametrize("day", ["0206-01-01", "9999-12-31"])
def test_a_day_of_another_age_is_a_slip_and_named_beside_its_field(client, draft, name, day):
    page = client.get(url("edition_change", draft.pk))
    sent = sent_back(page) | {name: day}
    answer = client.post(url("edition_change", draft.pk), sent)
    assert answer.status_code == 200
    assert "请核对年份" in str(answer.context["adminform"].form.errors[name])
    assert client.get(url("edition_change", draft.pk)).status_code == 200


def test_a_draft_that_does_not_compile_is_not_published(client, draft):
    CriterionFactory(edition=draft, position=99, rule={"fact": "no.such", "is": 1})
    response = client.post(url("edition_publish", draft.pk), follow=True)
    assert "没有指标 no.such" in response.content.decode()
    draft.refresh_from_db()
    assert draft.is_draft


def test_choices_of_a_fact_are_typed_line_by_line(client, editor):
    address = url("fact_change", "enterprise.ownership")
    data = sent_back(client.get(address))
    assert "private 民营" in data["choices"]
    broken = client.post(address, data | {"choices": "private"})
    assert "第 1 行应为" in broken.content.decode()
    assert (
        client.post(address, data | {"choices": data["choices"] + "\nnew 新的一类"}).status_code
        == 302
    )
    assert Fact.objects.get(key="enterprise.ownership").choices["new"] == "新的一类"


@pytest.mark.parametrize("name", ["publish", "copy", "correct", "retire", "withdraw"])
def test_staff_without_the_right_change_nothing(client, published, name):
    client.force_login(UserFactory(permissions=["view_edition"], jurisdiction_code="140500"))
    assert client.get(url("edition_change", published.pk)).status_code == 200
    assert client.post(url(f"edition_{name}", published.pk)).status_code == 403
    client.logout()
    assert client.post(url(f"edition_{name}", published.pk)).status_code == 302
    published.refresh_from_db()
    assert published.status == "published"


def test_an_editor_ticks_what_a_material_bears_out(client, editor):
    """Among what the edition asks; to read, it is said in words."""
    published = Edition.objects.get(programme="jc-share")
    read = client.get(url("edition_change", published.pk)).content.decode()
    told = read.partition("新修订的公司章程")[2].partition("财务报表")[0]
    assert f"证明：{Fact.objects.get(pk='reform.registered_as_shares_company').label}" in told
    client.post(url("edition_copy", published.pk))
    draft = Edition.objects.get(status="draft")
    page = client.get(url("edition_change", draft.pk))
    forms = page.context["inline_admin_formsets"]
    [formset] = [each.formset for each in forms if each.formset.prefix == "materials"]
    offered = dict(formset.forms[0].fields["proves"].choices)
    assert {"*", "assets.total.y2", "net_profit.y1"} <= offered.keys()
    assert "revenue.main_business.y0" not in offered
    data = sent_back(page)
    row = next(form for form in formset.forms if form.instance.name == "审计报告")
    assert data[row.add_prefix("proves")] == row.instance.proves
    data[row.add_prefix("proves")] = ["accounting.sound"]
    assert client.post(url("edition_change", draft.pk), data).status_code == 302
    assert draft.materials.get(name="审计报告").proves == ["accounting.sound"]
    kept = draft.materials.get(name="财务报表")
    assert kept.proves == published.materials.get(name="财务报表").proves
    data[row.add_prefix("proves")] = ["honest"]
    assert client.post(url("edition_change", draft.pk), data).status_code == 200


@pytest.mark.parametrize(
    ("name", "told"), [("其他材料", "企业本来就可以上传"), ("财务报表", "清单里已有这个名称")]
)
def test_materials_that_drafts_of_firms_cannot_tell_apart_are_refused(client, editor, name, told):
    client.post(url("edition_copy", Edition.objects.get(programme="jc-share").pk))
    draft = Edition.objects.get(status="draft")
    page = client.get(url("edition_change", draft.pk))
    forms = page.context["inline_admin_formsets"]
    [formset] = [each.formset for each in forms if each.formset.prefix == "materials"]
    row = next(form for form in formset.forms if form.instance.name == "审计报告")
    data = sent_back(page) | {row.add_prefix("name"): name}
    refused = client.post(url("edition_change", draft.pk), data)
    assert refused.status_code == 200
    assert told in refused.content.decode()
    assert draft.materials.filter(name="审计报告").exists()


def test_a_document_that_is_none_is_told_beside_its_citation(client, editor, published):
    draft = copy_to_draft(published, timezone.localdate())
    criterion = draft.criteria.filter(citations__isnull=False).first()
    address = url("criterion_change", criterion.pk)
    data = sent_back(client.get(address))
    answer = client.post(
        address, data | {"citations-0-document": "没有的文件", "text": "改了的文字"}
    )
    assert answer.status_code == 200
    [formset] = [each.formset for each in answer.context["inline_admin_formsets"]]
    assert formset.forms[0].errors["document"]
    assert "改了的文字" in answer.content.decode()


def test_a_place_that_is_taken_is_told_beside_it_and_an_empty_one_is_the_next(
    client, editor, published
):
    draft = copy_to_draft(published, timezone.localdate())
    first, second = draft.criteria.all()[:2]
    address = url("criterion_change", second.pk)
    data = sent_back(client.get(address))
    answer = client.post(address, data | {"position": first.position, "text": "改了的文字"})
    told = f"次序 {first.position} 已有“{first}”，请改成别的数。"
    assert answer.context["adminform"].form.errors["position"] == [told]
    assert "改了的文字" in answer.content.decode()
    address = url("edition_change", draft.pk)
    data = sent_back(client.get(address))
    count = draft.materials.count()
    new = {"materials-TOTAL_FORMS": str(count + 2)}
    new |= {f"materials-{count + at}-name": f"新材料{at}" for at in range(2)}
    assert client.post(address, data | new).status_code == 302
    assert list(draft.materials.values_list("name", flat=True))[-2:] == ["新材料0", "新材料1"]
    new |= {f"materials-{count}-position": "1", f"materials-{count}-name": "又一份"}
    data = sent_back(client.get(address))
    again = {f"materials-{count + at}-position": "1" for at in range(2)}
    answer = client.post(address, data | again)
    assert answer.status_code == 200
    assert "次序 1 已有“" in answer.content.decode()


def test_a_save_that_changes_nothing_is_told_so_in_the_history(client, editor, published):
    draft = copy_to_draft(published, timezone.localdate())
    assert any(award.conflicts for award in draft.awards.all())
    for award in draft.awards.all():
        address = url("award_change", award.pk)
        assert client.post(address, sent(client.get(address).content.decode())).status_code == 302
        told = LogEntry.objects.filter(object_id=award.pk).latest("pk")
        assert told.change_message == "[]"


def test_other_words_of_a_published_programme_need_a_reason_on_record(client, editor, published):
    programme = published.programme
    address = url("programme_change", programme.pk)
    data = sent(client.get(address).content.decode()) | {"summary": ["市级一次奖励500万元。"]}
    answer = client.post(address, data)
    [told] = answer.context["adminform"].form.errors["reason"]
    assert told.startswith("改“一句话介绍”要写明原因")
    assert "市级一次奖励500万元。" in answer.content.decode()
    programme.refresh_from_db()
    assert "500" not in programme.summary
    assert client.post(address, data | {"reason": ["文件改了"]}).status_code == 302
    assert programme.history.first().history_change_reason == "文件改了"
    # The same words again are no change.
    data = sent(client.get(address).content.decode())
    assert client.post(address, data).status_code == 302
