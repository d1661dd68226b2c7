"""Whether a draft is ready to be published: all that refuses it, and what is asked about it."""

import json
from datetime import date

import pytest
from django.utils import timezone

from policies.catalogue.editions import EditionError, begin_correction, copy_to_draft
from policies.catalogue.making_examples import add_missing_sides
from policies.catalogue.models import Award, Criterion, Edition
from policies.catalogue.readiness import START, readiness_of, refusals_of, start_needs_reason
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, publish_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
TODAY, NEW_YEAR = date(2026, 11, 28), date(2027, 1, 1)


@pytest.fixture(autouse=True)
def loaded(db):
    load_catalogue()


@pytest.fixture
def draft():
    return copy_to_draft(Edition.objects.standing().get(programme="jc-xsg"), NEW_YEAR)


def told(draft):
    return [str(point) for point in refusals_of(draft)]


def of(draft, code):
    return draft.criteria.get(code=code)


def test_every_shipped_programme_can_be_copied_and_published_unchanged():
    """And raises no question."""
    programmes = set()
    for edition in Edition.objects.standing().select_related("programme"):
        draft = copy_to_draft(edition, NEW_YEAR)
        readiness = readiness_of(draft, TODAY)
        assert (edition, readiness.refusals, readiness.questions) == (edition, [], [])
        publish_edition(draft)
        draft.refresh_from_db()
        assert draft.is_standing
        programmes.add(draft.programme_id)
    assert len(programmes) > 70


# --- what refuses -----------------------------------------------------------------------


def test_everything_that_refuses_is_told_at_once_with_where_and_what_to_do(draft):
    """And nothing is published; each fault mended takes its line away."""
    assert told(draft) == []
    own = of(draft, "XSG.3")
    own.citations.all().delete()
    own.rule["any"][0]["at_least"] = 2_000_000_000
    own.save()
    award = draft.awards.get(level="city")
    award.citations.all().delete()
    example = draft.examples.get()
    example.money[5] |= {"now": 31}
    example.criteria = [row for row in example.criteria if row["code"] != "XSG.6"]
    example.save()
    lines = told(draft)
    name = f"条件 XSG.3（{own.text}）"
    assert f"{name}：没有出处。写明依据的文件和条款。" in lines
    assert any(line.startswith("第 2 项奖补（市级") and "没有出处" in line for line in lines)
    assert any(
        line.startswith(f"{name}：界限 2000000000 不在“主营业务收入") and "能填的范围" in line
        for line in lines
    )
    assert (
        "第 1 个例子的金额第 6 行（省级）：现在给：例子写“31 万元”，算出来是“30 万元”。"
        "条件和金额没有写错，就改例子；例子没有写错，就改条件或金额。"
    ) in lines
    assert any("的条件第 " in line and "算出来是“不符合”" in line for line in lines)
    for side in ("符合", "不符合"):
        assert any(
            line.startswith("条件 XSG.6") and f"没有“{side}”的例子" in line for line in lines
        )
    with pytest.raises(EditionError) as raised:
        publish_edition(draft)
    assert str(raised.value) == "".join(lines)
    assert Edition.objects.get(pk=draft.pk).is_draft


def test_a_draft_says_something_pays_something_and_asks_something(draft):
    draft.awards.all().delete()
    draft.examples.update(money=[])
    assert told(draft) == [
        "整个版本：是给钱的项目，却没有奖补。加上各级奖补；文件没有印金额的，加一项“金额未公布”。"
    ]
    draft.criteria.all().delete()
    assert "整个版本：没有条件，也没有奖补。按文件加上条件和奖补。" in told(draft)
    Award.objects.create(edition=draft, position=1, level="county", status="unpublished")
    assert any(line.startswith("整个版本：没有条件。") for line in told(draft))


def test_a_rule_that_cannot_be_read_is_told_beside_what_else_lacks(draft):
    own = of(draft, "XSG.3")
    own.citations.all().delete()
    Criterion.objects.filter(pk=own.pk).update(rule={"fact": "no.such", "at_least": 1})
    lines = told(draft)
    assert len(lines) == 2
    assert "没有出处" in lines[0]
    assert "no.such" in lines[1]


def test_a_share_written_as_a_whole_number_lies_outside_its_range(draft):
    Criterion.objects.filter(pk=of(draft, "XSG.3").pk).update(
        rule={"fact": "project.progress.y1", "at_least": 4}, sentence=""
    )
    [line] = [line for line in told(draft) if "能填的范围" in line]
    assert "不在“" in line
    assert "0% 至 100%" in line


def test_no_side_is_asked_for_where_no_answer_leads():
    """What sources leave open is met by nothing: its examples show it left open."""
    draft = copy_to_draft(Edition.objects.standing().get(programme="jc-techenvoy"), NEW_YEAR)
    example = draft.examples.get()
    example.criteria = [row for row in example.criteria if row["code"] != "JC-TECHENVOY.2"]
    example.save()
    lines = [line for line in told(draft) if "JC-TECHENVOY.2" in line]
    assert any("没有“符合”的例子" in line for line in lines)
    assert any("没有“不符合时待定”的例子" in line for line in lines)
    assert len(lines) == 2


# --- what is asked ----------------------------------------------------------------------


def test_a_start_in_the_past_wants_a_reason_and_a_correction_has_one(draft):
    assert not start_needs_reason(draft, NEW_YEAR)
    late = date(2027, 1, 2)
    assert start_needs_reason(draft, late)
    [question] = readiness_of(draft, late).questions
    assert (question.key, question.told) == (START, "起用日期 2027-01-01 已经过去")
    assert not start_needs_reason(begin_correction(Edition.objects.get(programme="jc-share")), late)


def test_an_amount_that_changed_under_its_old_clause_is_questioned(draft):
    """Against what stands on the day before, and no more once another document is cited."""
    award = draft.awards.get(level="city")
    award.tranches.filter(position=1).update(amount=25)
    [question] = readiness_of(draft, TODAY).questions
    assert question.where == "第 2 项奖补（市级晋城市）"
    assert question.told.startswith("金额由“")
    assert "20 万元" in question.told
    assert "25 万元" in question.told
    assert "依据仍是 晋市政办〔2021〕35号" in question.told
    assert question.row == award
    citation = award.citations.first()
    citation.clause = "二（一）修订"
    citation.save()
    assert readiness_of(draft, TODAY).questions == []


def test_a_correction_is_compared_with_what_it_corrects_and_refused_alike():
    edition = Edition.objects.standing().get(programme="jc-share")
    draft = begin_correction(edition)
    award = draft.awards.get(level="city")
    award.tranches.update(amount=11)
    readiness = readiness_of(draft, TODAY)
    [amount, summary] = readiness.questions
    assert "由“" in amount.told
    assert summary.key == "summary"
    assert [point.row for point in readiness.refusals] == [draft.examples.get()] * len(
        readiness.refusals
    )
    with pytest.raises(EditionError, match="例子写“10 万元”，算出来是“11 万元”"):
        publish_correction(draft, reason="核对后更正", now=timezone.now())
    assert Edition.objects.get(pk=edition.pk).is_standing


def limit_of(draft, code, **numbers):
    """The criterion with other numbers in its rule, saved."""
    row = of(draft, code)
    rule = json.dumps(row.rule)
    for old, new in numbers.items():
        assert old.removeprefix("n") in rule
        rule = rule.replace(old.removeprefix("n"), new)
    row.rule = json.loads(rule)
    row.save()
    return row


def asked(draft):
    return {point.key: point for point in readiness_of(draft, TODAY).questions}


def test_a_limit_that_changed_under_its_old_clause_is_questioned(draft):
    """No more once another clause is cited; nor where the words of the rule stay the same."""
    row = limit_of(draft, "XSG.3", n2000="1500")
    question = asked(draft)["limit-XSG.3"]
    assert question.where == f"条件 XSG.3（{row.text}）"
    was, is_now = question.told.removeprefix("界限由“").split("”改为“")
    assert "2000 万元" in was
    assert "1500 万元" in is_now
    cited = "、".join(f"{each.document.number} {each.clause}" for each in row.citations.all())
    assert question.told.endswith(f"”，依据仍是 {cited}")
    assert question.row == row
    row.citations.first().delete()
    assert "limit-XSG.3" not in asked(draft)
    row = of(draft, "XSG.6")
    row.sentence, row.reason = "", "口径另有说明"
    row.save()
    assert "limit-XSG.6" not in asked(draft)


def test_of_whom_a_criterion_asks_is_a_limit_too_and_a_code_may_have_several(draft):
    row = of(draft, "XSG.3")
    row.when = {"fact": "enterprise.employees", "at_least": 20}
    row.save()
    assert "（适用前提：" in asked(draft)["limit-XSG.3"].told
    draft = copy_to_draft(Edition.objects.standing().get(programme="yun-itss"), NEW_YEAR)
    one, other = draft.criteria.filter(code="YUN-ITSS.3")
    for each in (one, other):
        each.when = {"fact": "enterprise.employees", "at_least": 20}
        each.save()
    questions = asked(draft)
    assert [questions[key].row for key in ("limit-YUN-ITSS.3", "limit-YUN-ITSS.3_2")] == [
        one,
        other,
    ]
    one.delete()
    assert "limit-YUN-ITSS.3_2" not in asked(draft)


def test_a_text_that_still_tells_the_old_limit_is_questioned(draft):
    """Whatever is cited, with or without a space; a figure that the rule has never had is not."""
    row = limit_of(draft, "XSG.3", n2000="1500")
    row.text = "主营业务收入达到2000 万元，在县里满 7 年"
    row.save()
    row.citations.first().delete()
    [question] = asked(draft).values()
    assert (question.key, question.row) == ("text-XSG.3", row)
    assert question.told == "条件的文字还写着“2000万元”，规则里已没有这个数"
    row.text = "主营业务收入达到1500万元，在县里满 7 年"
    row.save()
    assert asked(draft) == {}


def test_an_introduction_that_still_tells_the_old_amount_is_questioned():
    """It is the programme's and so stands beside editions of all days; amounts that stay ask nothing."""
    draft = copy_to_draft(Edition.objects.standing().get(programme="jc-share"), NEW_YEAR)
    programme = draft.programme
    assert "市级10万元" in programme.summary
    assert asked(draft) == {}
    draft.awards.get(level="city").tranches.update(amount=11)
    told = "还写着“{}”，草稿的金额里已没有这个数；{}会同时显示在现行和以后的版本上"
    assert asked(draft)["summary"].told == "项目的一句话介绍" + told.format("10万元", "介绍")
    programme.name, programme.summary = "股改10 万元奖励", "省级50万元、市级11万元，满10人的企业"
    programme.save()
    assert asked(draft)["summary"].told == "项目的名称" + told.format("10万元", "名称")
    programme.name, programme.summary = "股改", "分别奖励10万、50万元"
    programme.save()
    assert asked(draft)["summary"].told == "项目的一句话介绍" + told.format("10万", "介绍")
    programme.summary = "分别奖励11万、50万元"
    programme.save()
    assert "summary" not in asked(draft)


# --- made by the button -----------------------------------------------------------------


def test_a_draft_without_examples_is_made_ready_by_one_click(draft):
    draft.examples.all().delete()
    assert told(draft) != []
    assert add_missing_sides(draft)
    assert told(draft) == []
    assert add_missing_sides(draft) == []


def test_what_was_added_is_told_in_words_and_stands_right_beside_the_limit():
    draft = copy_to_draft(Edition.objects.standing().get(programme="jc-share"), NEW_YEAR)
    draft.examples.all().delete()
    added = add_missing_sides(draft)
    [example] = draft.examples.all()
    assert example.title == "界限两边的企业"
    rows = {(row["code"], row["is"]): row.get("with", {}) for row in example.criteria}
    profits = [firm for (code, _), firm in rows.items() if code == "SH.4"]
    assert any("净利润" in line and "SH.4 不符合" in line for line in added)
    assert profits
    assert example.money
