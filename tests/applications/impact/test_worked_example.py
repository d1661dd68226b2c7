"""The worked example through the forms: 晋财规建〔2025〕1号 taken up for 2027, 工信部企业〔2026〕2号 recorded.

What the shipped catalogue says stays. tests/browser/test_worked_example.py walks the first in a browser.
"""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.recount import assessed_again
from applications.impact.models import Run
from applications.impact.services.results import result_of, tallies_for
from applications.money.services.award_lines import make_lines
from policies.catalogue.current import Catalogue, editions_in_force, facts
from policies.catalogue.editions import begin_correction
from policies.catalogue.models import Clause, Document, Edition
from policies.rules.assessment import assess, plain_values
from policies.self_check.self_checks import understood
from portal.jobs.work import work_off
from tests.applying import ANSWERS, handed_in, member_of
from tests.factories import EnterpriseFactory, FinanceFactory, SelfCheckFactory
from tests.policies.editors.browser_form import sent
from tests.policies.editors.people import JINCHENG, PROVINCE, approve, editor_of
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    pytest.mark.usefixtures("files_root"),
]
FIELD, QUESTION = "field.shanxi_14_sei", "field__shanxi_14_sei"
NEW_RULE, CLAUSE = "晋财规建〔2025〕1号", "小升规奖励"
OLD_TIERS, NEW_TIERS = "工信部企业〔2022〕63号", "工信部企业〔2026〕2号"
RESTING = {"jc-zjtx-prov", "jc-zjtx-giant-prov"}
AMOUNT = "tranches-0-amount"
STILL = "依据仍是"


@pytest.fixture(autouse=True)
def catalogue(db, time_machine):
    time_machine.move_to("2026-11-20 12:00+08:00")
    load_catalogue()


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"admin:{name}", args=args)


def filled(client, address, **typed):
    """What a browser sends back of the page, with what was typed into it."""
    return sent(client.get(address).content.decode()) | typed


def saved(client, address, **typed):
    answer = client.post(address, filled(client, address, **typed), follow=True)
    assert answer.redirect_chain, answer.content.decode()
    return answer.content.decode()


def firm(number, is_of_field):
    told = {} if is_of_field is None else {FIELD: is_of_field}
    enterprise = EnterpriseFactory(
        credit_code=f"TESTCODE000000000{number}", name=f"沁水县第{number}制造有限公司"
    )
    return member_of(profile={**ANSWERS, **told}, enterprise=enterprise)


def first_award(answers=ANSWERS, **more):
    """What the province pays a firm at once that checks itself today."""
    today = timezone.localdate()
    known = SelfCheckFactory.build().answers | more
    given = understood(known, facts(), today)
    [edition] = editions_in_force(today, ["jc-xsg"])
    told = plain_values(assess([edition], given, today, facts()))["programmes"][0]
    return told["edition"], told["awards"]["province"]["now"]


def build_the_amount(client, address):
    """30, 39 for a firm of a strategic emerging industry: button by button, as without JavaScript."""
    fields = filled(client, address)
    for typed in (
        {f"{AMOUNT}.kind": ["cases"]},
        {f"{AMOUNT}.rows.0.when.fact": [FIELD], f"{AMOUNT}.otherwise.kind": ["fixed"]},
    ):
        asked = fields | typed | {f"{AMOUNT}.act": ["go"]}
        fields = sent(client.post(address, asked).content.decode())
    data = fields | {
        f"{AMOUNT}.rows.0.when.value": ["true"],
        f"{AMOUNT}.rows.0.amount.amount": ["39万"],
        f"{AMOUNT}.otherwise.amount": ["30"],
    }
    return client.post(address, data, follow=True).content.decode()


def cite(client, address, award):
    place = award.citations.count()
    own = f"citations-{place}"
    typed = {
        "citations-TOTAL_FORMS": [f"{place + 1}"],
        f"{own}-position": [f"{place + 1}"],
        f"{own}-document": [f"{Document.objects.get(number=NEW_RULE).pk}"],
        f"{own}-clause": [CLAUSE],
        f"{own}-award": [f"{award.pk}"],
        f"{own}-id": [""],
    }
    return saved(client, address, **typed)


def test_next_years_rule_is_drafted_weighed_and_published_and_older_cases_keep_theirs(time_machine):
    strategic, plain, silent = (firm(*each) for each in enumerate((True, False, None)))
    case = handed_in(strategic)
    lines = make_lines([case], actor=FinanceFactory(), now=timezone.now())
    kept = [(line.pk, line.title, line.low, line.high) for line in lines]
    published = Edition.objects.get(programme="jc-xsg")
    province, one = client_of(editor_of(PROVINCE)), client_of(editor_of(JINCHENG))

    # The document is in the catalogue as a hint; what it says is written down by the province.
    document = Document.objects.get(number=NEW_RULE)
    known = {"number": [NEW_RULE], "title": ["再录一次"], "issuer": ["山西省财政厅"]}
    again = province.post(
        url("catalogue_document_add"), filled(province, url("catalogue_document_add"), **known)
    )
    assert "已有这个文号" in again.content.decode()
    page = province.get(url("catalogue_document_change", document.pk)).content.decode()
    add = f"{url('catalogue_clause_add')}?document={document.pk}"
    [add] = re.findall(f'href="({re.escape(add)}[^"]*)"', page)
    new = filled(
        province,
        unescape(add),
        position=["1"],
        name=[CLAUSE],
        gist=["首次升规30万元，战略性新兴产业39万元。"],
    )
    back = province.post(unescape(add), new).url
    assert back == f"{url('catalogue_clause_changelist')}?document__id__exact={document.pk}"
    assert Clause.objects.get(name=CLAUSE).document == document

    # A copy of what is in force, from New Year's Day on.
    one.post(url("catalogue_edition_copy", published.pk))
    draft = Edition.objects.get(status="draft")
    saved(one, url("catalogue_edition_change", draft.pk), effective_from=["2027-01-01"])
    award = draft.awards.get(level="province")
    address = url("catalogue_award_change", award.pk)
    told = build_the_amount(one, address)
    assert award.tranches.get(position=1).amount == {
        "cases": [{"when": {"fact": FIELD, "is": True}, "amount": 39}], "otherwise": 30,
    }  # fmt: skip
    assert "行例子算出来和预期不一样" in told
    effect = url("catalogue_edition_effect", draft.pk)
    assert STILL in one.get(effect).content.decode()
    cite(one, address, award)
    assert STILL not in one.get(effect).content.decode()

    # The example's firm has to say whether it is of such an industry; a row has one that is.
    example = draft.examples.get()
    own = url("catalogue_example_change", example.pk)
    assert own in one.get(url("catalogue_edition_change", draft.pk)).content.decode()
    assert "例子都算过了，和预期一致" in saved(one, own, **{QUESTION: ["false"]})
    row = {
        "level": ["province"],
        "now": ["39"],
        "later": ["15"],
        "total": ["54"],
        QUESTION: ["true"],
    }
    new = url("catalogue_example_row", example.pk, "money", "new")
    assert "例子都算过了，和预期一致" in saved(one, new, **row)

    # Two firms of three say what they are: one gains 9, one keeps 30, the third may gain 9.
    add = url("impact_run_add_variant", draft.pk)
    fields = one.get(add).context["form"].fields
    [number] = [
        name for name, field in fields.items()
        if name.startswith("n.awards.0.tranches.0") and field.label.endswith("（现在 30 万元）")
    ]  # fmt: skip
    one.post(add, {"title": "20 而不是 30", number: "20"})
    one.post(url("impact_run_ask", draft.pk), {"day": "today"})
    work_off(timezone.now)
    run = Run.objects.get()
    result = result_of(run, tallies_for(run, editor_of(JINCHENG))[0])
    paid = [plan.paid("province", "now") for plan in result.plans]
    assert [(money.least, money.most) for money in paid] == [(90, 90), (99, 108), (79, 98)]
    shown = one.get(url("impact_run_result", run.pk)).content.decode()
    assert "20 而不是 30" in shown
    gaining = one.get(url("impact_affected_changelist"), {"run": run.pk, "plan": 1, "of": "firms"})
    names = {each.enterprise_id for each in gaining.context["cl"].result_list}
    assert strategic.enterprise_id in names
    assert plain.enterprise_id not in names
    assert silent.enterprise_id in names

    one.post(url("catalogue_edition_publish", draft.pk), {"reason": "照新文件"})
    proposal = draft.proposals.get()
    two = client_of(editor_of(JINCHENG))
    for page in (
        url("editors_editionproposal_change", proposal.pk),
        url("catalogue_edition_preview", draft.pk),
    ):
        told = two.get(page).content.decode()
        assert "39 万元" in told, page
        assert NEW_RULE in told, page
    asked = two.get(url("editors_editionproposal_change", proposal.pk)).content.decode()
    assert "2027-01-01 起生效" in asked
    done = approve().content.decode()
    assert "已发布，今后不能再改，2027-01-01 起生效" in done
    assert "：审核通过" in done
    draft.refresh_from_db()
    assert (draft.status, draft.effective_from) == ("published", date(2027, 1, 1))

    assert first_award(**{FIELD: True}) == ("2021-09-28", [30, 30])
    time_machine.move_to("2027-01-02 12:00+08:00")
    assert first_award(**{FIELD: True}) == ("2027-01-01", [39, 39])
    assert first_award(**{FIELD: False}) == ("2027-01-01", [30, 30])
    case.refresh_from_db()
    assert case.edition == published
    assert case.assessment["awards"]["province"]["now"] == [30, 30]
    assert assessed_again(case, Catalogue()) == case.assessment
    now = [(line.pk, line.title, line.low, line.high) for line in case.award_lines.order_by("pk")]
    assert now == kept


def rest_on(document, programme):
    """The programme's edition was corrected: it names the document beside its others."""
    draft = begin_correction(Edition.objects.standing().get(programme=programme))
    own = draft.criteria.first().citations
    own.create(document=document, clause="附件", position=own.count() + 1)
    publish_correction(draft, reason="补上依据", now=timezone.now())


def test_the_province_records_what_superseded_a_document_and_whatever_rests_on_it_says_so(client):
    province = client_of(editor_of(PROVINCE))
    add = url("catalogue_document_add")
    saved(
        province, add, number=[OLD_TIERS], title=["优质中小企业梯度培育管理暂行办法"], issuer=["工业和信息化部"]
    )  # fmt: skip
    old, newer = (Document.objects.get(number=number) for number in (OLD_TIERS, NEW_TIERS))
    for programme in RESTING:
        rest_on(old, programme)
    check = SelfCheckFactory()
    pages = {
        programme: reverse("self_check:result-programme", args=[check.token, programme])
        for programme in (*RESTING, "jc-xsg")
    }
    public = {programme: reverse("pages:programme", args=[programme]) for programme in pages}
    before = dict(Edition.objects.values_list("pk", "digest"))
    counted = assess_all()
    for address in pages.values():
        assert "依据的文件有变" not in client.get(address).content.decode()

    own = url("catalogue_document_change", old.pk)
    saved(province, own, superseded_by=[f"{newer.pk}"], superseded_on=["2026-04-01"])
    one = client_of(editor_of(JINCHENG))
    listed = one.get(url("catalogue_programme_changelist"), {"superseded": "yes"})
    assert {row.pk for row in listed.context["cl"].result_list} == RESTING
    for programme in pages:
        flagged = programme in RESTING
        of_editors = one.get(url("catalogue_programme_change", programme)).content.decode()
        assert ("依据的文件已被取代，" in of_editors) == flagged, programme
        assert ("依据的文件有变" in client.get(pages[programme]).content.decode()) == flagged
        told = client.get(public[programme]).content.decode()
        assert (f"2026年4月1日起被 {NEW_TIERS} 取代" in told) == flagged, programme
    assert "2026年4月1日" in client.get(old.get_absolute_url()).content.decode()
    assert dict(Edition.objects.values_list("pk", "digest")) == before
    assert assess_all() == counted


def assess_all():
    """Every programme in force for one firm; without what is told of documents."""
    today = timezone.localdate()
    given = understood(SelfCheckFactory.build().answers, facts(), today)
    told = plain_values(assess(editions_in_force(today), given, today, facts()))
    return [(each["programme"], each["verdict"], each["awards"]) for each in told["programmes"]]
