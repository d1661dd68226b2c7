"""A new question is made beside the rule that needs it, and forms keep what was typed wrongly."""

import pytest
from django import forms
from django.utils.html import escape

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Contact, Edition, Fact, Material, Step, Window
from policies.editors.fact_form import OWN, ChoicesField, proposed_key
from tests.factories import FactFactory
from tests.policies.editors.people import PROVINCE, editor_of
from tests.policies.editors.test_admin import sent_back, url
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ADDED = ["document", "clause", "conflict", "fact", "synonym", "office", "jurisdiction", "programme"]
WRITTEN_SO = {"null", "None", "[]", "{}", "false", "true"}


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def editor(client):
    user = editor_of(PROVINCE)
    client.force_login(user)
    return user


@pytest.fixture
def draft(editor):
    edition = Edition.objects.get(programme="jc-xsg", status="published")
    return copy_to_draft(edition, edition.effective_from.replace(year=2030))


def added(client, **values):
    address = url("fact_add")
    return client.post(address, sent_back(client.get(address)) | values, follow=True)


def told(response, field):
    return "".join(response.context["adminform"].form.errors.get(field, ()))


def test_the_rule_leads_to_a_new_question_and_that_leads_back(client, draft):
    for row, name in ((draft.criteria.first(), "criterion"), (draft.awards.first(), "award")):
        page = client.get(url(f"{name}_change", row.pk)).content.decode()
        assert f'href="{url("fact_add")}" target="_blank"' in page
    last = Fact.objects.order_by("position").last()
    response = added(
        client, label="研发人员占比", type="ratio", section=last.section, help="见年报"
    )
    fact = Fact.objects.get(label="研发人员占比")
    assert fact.key == f"{OWN}.yfryzb"
    assert (fact.question, fact.position) == ("研发人员占比", last.position + 1)
    html = response.content.decode()
    assert "可以用了：“研发人员占比”（own.yfryzb）" in html
    assert Fact.objects.order_by("position", "key").last() == fact
    for typed in ("研发人员", "yfryzb", "own.yf"):
        offered = client.get(url("criterion_facts"), {"q": typed}).content.decode()
        assert "own.yfryzb" in offered


def test_a_second_of_the_same_wording_gets_a_key_of_its_own(client, editor):
    for _ in range(2):
        added(client, label="研发人员占比", type="ratio", section="研发")
    assert set(Fact.objects.filter(label="研发人员占比").values_list("key", flat=True)) == {
        "own.yfryzb", "own.yfryzb_2",
    }  # fmt: skip
    assert proposed_key("R&D 支出", ()) == "own.r_d_zc"
    assert proposed_key("！", ()) == "own.fact"


def test_sections_are_offered_and_choices_written_as_words_get_codes(client, editor):
    page = client.get(url("fact_add")).content.decode()
    for section in Fact.objects.values_list("section", flat=True).distinct():
        assert f'<option value="{escape(section)}">' in page
    added(
        client,
        label="厂房来源",
        type="enum",
        section="新的分组",
        choices="自有\n租赁\nother 别的\n自用",
    )
    fact = Fact.objects.get(label="厂房来源")
    assert fact.choices == {"zy": "自有", "zl": "租赁", "other": "别的", "zy_2": "自用"}
    address = url("fact_change", fact.pk)
    data = sent_back(client.get(address))
    assert data["choices"] == "zy 自有\nzl 租赁\nother 别的\nzy_2 自用"
    client.post(address, data | {"choices": "自用\n自有\n租赁\n别的\n借用"})
    fact.refresh_from_db()
    assert fact.choices == {
        "zy_2": "自用", "zy": "自有", "zl": "租赁", "other": "别的", "jy": "借用",
    }  # fmt: skip


def test_an_old_one_keeps_what_it_leaves_unsaid(client, editor):
    fact = FactFactory(key="some.fact", type="int", label="旧的", question="")
    address = url("fact_change", fact.pk)
    client.post(address, sent_back(client.get(address)) | {"label": "新的"})
    fact.refresh_from_db()
    assert (fact.label, fact.question, fact.key) == ("新的", "", "some.fact")


def test_a_text_that_looks_like_a_code_is_not_mistaken_for_another(client, editor):
    field = ChoicesField()
    assert field.clean("A级\nB 级\na 甲") == {"aj": "A级", "B": "级", "a": "甲"}
    with pytest.raises(forms.ValidationError, match="代码 文字"):
        field.clean("company")
    with pytest.raises(forms.ValidationError, match="代码 a 重复"):
        field.clean("a 甲\na 乙")


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"label": ""}, "label", "必填"),
        ({"section": ""}, "section", "必填"),
        ({"type": ""}, "type", "必填"),
        ({"type": "int", "minimum": "5", "maximum": "1"}, "maximum", "最大值不能小于最小值"),
        ({"type": "bool", "minimum": "5"}, "minimum", "这一项是“是否”"),
        ({"type": "int", "decimals": "2"}, "decimals", "这一项是“整数”"),
        ({"type": "enum"}, "choices", "要有选项"),
        ({"type": "int", "choices": "甲"}, "choices", "只有单选、多选才有选项"),
        ({"key": "不对"}, "key", "小写英文字母"),
        ({"key": "enterprise.county"}, "key", "已有这个键"),
        ({"key": "size.class"}, "key", "推算的指标"),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field(client, editor, values, field, message):
    response = added(client, **{"label": "厂房", "type": "int", "section": "厂房", **values})
    assert message in told(response, field)
    shown = sent_back(response)
    assert all(shown.get(name, "") == value for name, value in values.items())
    assert not Fact.objects.filter(label="厂房").exists()


# --- every form of the catalogue ------------------------------------------------------------


def bound_fields(response):
    """Each field of the page's form and of one form of each formset in it that people fill in."""
    sets = [each.formset for each in response.context["inline_admin_formsets"]]
    own = [each.forms[0] for each in sets if each.forms and each.forms[0].fields]
    for form in (response.context["adminform"].form, *own):
        for bound in form:
            if not bound.is_hidden and not bound.field.disabled and bound.name != "DELETE":
                yield bound


def slip(field):
    """What nobody means by the field; None where any text is right."""
    if isinstance(field, forms.BooleanField):
        return None
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return ["不在其中"]
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return "不在其中"
    if isinstance(field, forms.IntegerField | forms.DecimalField | forms.DateField):
        return "看不懂"
    limit = getattr(field, "max_length", None)
    return "长" * (limit + 1) if limit else None


def check_slips(client, address, rows=()):
    page = client.get(address)
    data, slips = sent_back(page), {}
    for prefix in rows:
        if data[f"{prefix}-TOTAL_FORMS"] == 0:
            data[f"{prefix}-TOTAL_FORMS"] = 1
    first = client.post(address, data) if rows else page
    shown = first if first.status_code == 200 and first.context else page
    for bound in bound_fields(shown):
        if (wrong := slip(bound.field)) is not None:
            slips[bound.html_name] = wrong
    response = client.post(address, data | slips)
    assert response.status_code == 200
    html = response.content.decode()
    checked = set()
    for bound in bound_fields(response):
        if bound.html_name in slips:
            assert bound.errors, bound.html_name
            assert bound.value() == slips[bound.html_name], bound.html_name
            for error in bound.errors:
                assert escape(error) in html
            checked.add(bound.html_name)
    assert checked == slips.keys()
    return checked


def check_plain(response):
    for bound in bound_fields(response):
        value = bound.value()
        shown = bound.field.widget.format_value(bound.field.prepare_value(value))
        if isinstance(bound.field, forms.BooleanField | forms.ChoiceField | forms.ModelChoiceField):
            continue
        assert shown is None or isinstance(shown, str), bound.html_name
        assert not shown or (shown not in WRITTEN_SO and shown[0] not in "[{"), bound.html_name


@pytest.mark.parametrize("name", ADDED)
def test_a_slip_in_each_field_is_told_beside_it_and_kept(client, editor, name):
    rows = ("contacts", "windows") if name == "programme" else ()
    checked = check_slips(client, url(f"{name}_add"), rows)
    assert len(checked) >= 1
    check_plain(client.get(url(f"{name}_add")))


def test_a_slip_in_each_field_of_a_draft_and_its_parts_is_told_and_kept(client, draft):
    assert Material.objects.filter(edition=draft).exists()
    assert Step.objects.filter(edition=draft).exists()
    checked = check_slips(client, url("edition_change", draft.pk))
    assert any(name.startswith("materials-0-") for name in checked)
    assert any(name.startswith("steps-0-") for name in checked)
    check_plain(client.get(url("edition_change", draft.pk)))


def test_no_form_of_a_row_shows_what_only_programs_write(client, editor):
    assert Contact.objects.exists() and Window.objects.exists()
    for name in ADDED:
        listing = client.get(url(f"{name}_changelist")).context["cl"]
        for row in listing.result_list[:3]:
            check_plain(client.get(url(f"{name}_change", row.pk)))
