"""Packs that editors hand on: exported from the list, uploaded, compared, loaded by a second person."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.models import Clause, Document, Edition, Fact, Programme
from policies.catalogue.packs.unpacking import MOST_BYTES
from policies.editors.models import PackImport
from tests.policies.editors.people import JINCHENG, PROVINCE, YUNCHENG, editor_of
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PROGRAMMES = """family: 用工
programmes:
- id: jc-hiring
  name: 新招员工补助
  summary: 新招员工，按人数补助。
  kind: cash
  area: '140500'
  beneficiary: enterprise
  screened: true
  contacts:
  - {jurisdiction: '140500', office: 市人社局, telephone: 0356-1234567}
  editions:
  - effective_from: 2027-01-01
    criteria:
    - {code: JH.1, kind: gate, text: 新招5人以上, sentence: '[staff.hired|今年新招员工达到{}]', rule: {fact: staff.hired, at_least: 5}, sources: [{document: 晋市人社〔2026〕9号, clause: 一}]}
    awards:
    - {level: city, payer: '140500', amount: {each: {fact: staff.hired, amount: 0.2, cap: 10}}, sources: [{document: 晋市人社〔2026〕9号, clause: 一}]}
"""
EXAMPLES = """examples:
- programme: jc-hiring
  edition: 2027-01-01
  on: 2027-03-01
  firm: {staff.hired: 5}
  criteria: [{code: JH.1, is: met}, {code: JH.1, is: not_met, with: {staff.hired: 4}}]
  money: [{level: city, now: 1, later: 0, total: 1}]
"""
# Only what is new: the place, and all other questions, are here already.
PACK = {
    "facts.yaml": "facts:\n- {key: staff.hired, section: 用工, type: int, unit: 人, label: 新招员工, question: 新招了几人？}\n",
    "documents.yaml": "documents:\n- {number: 晋市人社〔2026〕9号, title: 用工补助办法, issuer: 晋城市人社局}\n",
    "clauses.yaml": "clauses:\n- document: 晋市人社〔2026〕9号\n  rows:\n  - {clause: 一, gist: 新招员工补助}\n",
    "programmes/hiring.yaml": PROGRAMMES,
    "examples/hiring.yaml": EXAMPLES,
}


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def people():
    return {
        "one": editor_of(JINCHENG, username="甲"),
        "two": editor_of(JINCHENG, username="乙"),
        "yuncheng": editor_of(YUNCHENG, username="丙"),
        "province": editor_of(PROVINCE, username="丁"),
    }


@pytest.fixture
def as_(people):
    def log_in(name):
        client = Client()
        client.force_login(people[name])
        return client

    return log_in


def zipped(files, root="catalogue/"):
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{root}{name}", text)
    return content.getvalue()


def page(name, *args):
    return reverse(f"admin:editors_packimport_{name}", args=args)


def send(client, content, name="catalogue.zip", reason="市人社局给的"):
    file = SimpleUploadedFile(name, content)
    return client.post(page("upload"), {"file": file, "reason": reason})


def sent(client, content):
    response = send(client, content)
    assert response.status_code == 302, response.text
    return PackImport.objects.get()


def seen_by(client, found):
    return client.get(page("change", found.pk)).context["seen"]


def load(client, found, seen):
    return client.post(page("load", found.pk), {"seen": seen})


def counted():
    return {model: model.objects.count() for model in (Fact, Document, Clause, Programme, Edition)}


def test_one_sends_a_pack_and_another_loads_it_as_drafts(as_):
    before, one, two = counted(), as_("one"), as_("two")
    assert "目录包" in one.get(page("upload")).text
    found = sent(one, zipped(PACK))
    shown = one.get(page("change", found.pk))
    for told in (
        "新增新招员工补助（jc-hiring）2027-01-01 起的版本",
        "新增条件：JH.1 新招5人以上，必备条件，今年新招员工达到5人",
        "新增奖补：市级",
        "新增指标 新招员工（staff.hired）",
        "新增政策文件 晋市人社〔2026〕9号",
        "新增条款",
        "要由另一人复核",
        "撤回",
    ):
        assert told in shown.text, told
    assert counted() == before
    refused = load(one, found, shown.context["seen"])
    assert refused.status_code == 400
    assert "要由另一人复核" in refused.text
    assert counted() == before
    assert load(two, found, seen_by(two, found)).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.decided_by.username) == ("confirmed", "乙")
    edition = Edition.objects.get(programme="jc-hiring")
    assert (edition.status, edition.is_packed) == ("draft", False)
    assert edition.examples.count() == 1
    assert edition.programme.contacts.get().office.telephone == "0356-1234567"
    assert Clause.objects.get(document__number="晋市人社〔2026〕9号").gist == "新招员工补助"
    assert {model: counted()[model] - number for model, number in before.items()} == dict.fromkeys(
        before, 1
    )
    assert "已生效" in one.get(page("change", found.pk)).text
    assert load(two, found, "").status_code == 400
    assert "没有这里还没有的内容" in send(one, zipped(PACK)).text


@pytest.mark.parametrize("name", ["yuncheng", "province"])
def test_only_whose_place_it_is_or_lies_within_may_load_it(as_, name):
    found = sent(as_("one"), zipped(PACK))
    other = as_(name)
    seen = seen_by(other, found)
    assert load(other, found, seen).status_code == (302 if name == "province" else 403)
    answer = other.post(page("refuse", found.pk), {"answer": "不行"})
    assert answer.status_code == (400 if name == "province" else 403)


def test_what_is_here_already_stays_and_the_difference_is_told(as_):
    number = "晋市政办〔2021〕35号"
    pack = {
        **PACK,
        "documents.yaml": PACK["documents.yaml"]
        + f"- {{number: {number}, title: 别的标题, issuer: 别的机关}}\n",
        "facts.yaml": PACK["facts.yaml"]
        + "- {key: enterprise.county, section: 基本情况, type: enum, label: 在哪个县, choices: {'140521': 别的县, '140598': 新区}}\n",
    }
    before = Document.objects.get(number=number).title
    found = sent(as_("one"), zipped(pack))
    two = as_("two")
    shown = two.get(page("change", found.pk))
    assert f"“标题”后台是“{before}”，目录包是“别的标题”，保留后台的" in shown.text
    assert "目录包是“在哪个县”" in shown.text
    assert load(two, found, shown.context["seen"]).status_code == 302
    assert Document.objects.get(number=number).title == before
    county = Fact.objects.get(pk="enterprise.county")
    assert county.choices["140521"] == "沁水县"
    assert county.choices["140598"] == "新区"
    assert county.choices["140881"] == "永济市"
    assert county.label != "在哪个县"


def test_an_edition_that_stands_is_corrected_by_a_draft_only(as_):
    one, two = as_("one"), as_("two")
    exported = one.post(
        reverse("admin:catalogue_programme_changelist"),
        {"action": "export_as_pack", "_selected_action": ["jc-xsg", "jc-xsg-lib"]},
    )
    content = b"".join(exported.streaming_content)
    assert "没有这里还没有的内容" in send(one, content).text
    with zipfile.ZipFile(BytesIO(content)) as archive:
        files = {
            name.removeprefix("catalogue/"): archive.read(name).decode()
            for name in archive.namelist()
        }
    assert files["pack.yaml"].endswith("part: true\n")
    [name] = [name for name in files if name.startswith("programmes/")]
    files[name] = files[name].replace("text: 属于工业企业,", "text: 属于工业,", 1)
    standing = Edition.objects.get(programme="jc-xsg", status="published")
    found = sent(one, zipped(files))
    shown = two.get(page("change", found.pk))
    assert "更正小升规奖励（首次升规及稳规）（jc-xsg）2021-09-28 起的版本" in shown.text
    assert "修改条件：XSG.2 属于工业" in shown.text
    assert load(two, found, shown.context["seen"]).status_code == 302
    standing.refresh_from_db()
    assert standing.status == "published"
    draft = Edition.objects.get(programme="jc-xsg", status="draft")
    assert draft.corrects == standing
    assert "没有动它，也没有载入目录包的" not in shown.text


def test_what_changed_since_it_was_seen_is_shown_again(as_):
    found, two = sent(as_("one"), zipped(PACK)), as_("two")
    seen = seen_by(two, found)
    Document.objects.create(
        number="晋市人社〔2026〕9号", title="用工补助办法", issuer="晋城市人社局"
    )
    again = load(two, found, seen)
    assert again.status_code == 400
    assert "您看过以后，要改的又有变化" in again.text
    assert not Programme.objects.filter(pk="jc-hiring").exists()
    assert load(two, found, again.context["seen"]).status_code == 302


def test_it_is_sent_back_with_a_reason_or_taken_back(as_, people):
    found, two = sent(as_("one"), zipped(PACK)), as_("two")
    assert "请写明不通过的原因" in two.post(page("refuse", found.pk), {"answer": " "}).text
    assert two.post(page("withdraw", found.pk)).status_code == 403
    assert two.post(page("refuse", found.pk), {"answer": "文件没有盖章"}).status_code == 302
    assert "文件没有盖章" in as_("one").get(page("change", found.pk)).text
    with pytest.raises(IntegrityError), transaction.atomic():
        PackImport.objects.update(reason="别的")
    mine = send(as_("one"), zipped(PACK))
    pk = PackImport.objects.get(state="pending").pk
    assert mine.url == page("change", pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PackImport.objects.filter(pk=pk).update(
            state="confirmed", decided_by=people["one"], decided_at=timezone.now()
        )
    assert as_("one").post(page("withdraw", pk)).status_code == 302
    assert PackImport.objects.get(pk=pk).state == "withdrawn"


def test_a_file_of_programmes_alone_rests_on_what_is_here(as_):
    Fact.objects.create(key="staff.hired", section="用工", type="int", label="新招员工")
    Document.objects.create(
        number="晋市人社〔2026〕9号", title="用工补助办法", issuer="晋城市人社局"
    )
    response = send(as_("one"), PROGRAMMES.encode(), "hiring.yaml")
    assert response.status_code == 302, response.text


# --- what is no pack, or a bad one ----------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join(['*' + before] * 9)}]\n" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)  # fmt: skip


def with_(**changed):
    names = {"hiring": "programmes/hiring.yaml"}
    return zipped(
        {**PACK, **{names.get(key, f"{key}.yaml"): text for key, text in changed.items()}}
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "文件是空的。"),
        (b"\xff\xd8\xff jpeg", "不是目录包"),
        (b"PK\x03\x04 broken", "不是目录包"),
        (zipped({"../../etc/passwd.yaml": "x"}, ""), "不认识的文件 ../../etc/passwd.yaml"),
        (zipped({"readme.txt": "x"}), "不认识的文件 readme.txt"),
        (zipped({"facts.yaml": "x" * 11 * 2**20}), "文件太大"),
        (b"#" * (MOST_BYTES + 1), "文件太大"),
        (zipped({f"programmes/{each}.yaml": "" for each in range(501)}), "500 个文件"),
        (with_(facts=BOMB), "facts.yaml 第"),
        (with_(facts=BOMB), "内容太多"),
        (with_(facts="a: " + "[" * 500 + "]" * 500), "应不超过 60 层"),
        (with_(facts="a: " + "[" * 100_000), "已经停下，没有读取"),
        (with_(facts="facts: &a\n- *a\n"), "应不超过 60 层"),
        (with_(facts=f"facts: [{'9' * 5000}]"), "应为文字、数字"),
        (with_(facts="facts: [.inf]"), "应为文字、数字"),
        (with_(facts="facts: [!!binary aGk=]"), "应为文字、数字"),
        (with_(facts="facts: [a, b"), "少了逗号或 ]"),
        (with_(facts="a: b: c"), "多了一个冒号"),
        (with_(facts="a: \x00"), "不能显示的字符"),
        (with_(hiring=PROGRAMMES.replace("area: '140500'", "area: '140800'")), "不在您编辑的地区"),
        (with_(jurisdictions="jurisdictions:\n- {code: '140523', name: 新县, level: county, parent: '140500'}\n"),
         "新的行政区划由省级编辑添加"),
        (with_(hiring=PROGRAMMES.replace("staff.hired", "staff.hird")), "staff.hird"),
        (zipped({**PACK, "examples/hiring.yaml": EXAMPLES.replace("now: 1,", "now: 2,")}), "算出来是"),
    ],
    ids=range(23),
)  # fmt: skip
def test_what_cannot_be_loaded_is_told_and_kept_nowhere(as_, content, told):
    before = counted()
    response = send(as_("one"), content)
    assert response.status_code == 400
    assert told in response.text
    assert "市人社局给的" in response.text
    assert not PackImport.objects.exists()
    assert counted() == before


def test_everything_that_is_wrong_is_told_at_once_with_file_and_line(as_):
    wrong = PROGRAMMES.replace("kind: cash", "kind: gift").replace("at_least: 5", "at_lest: 5")
    response = send(
        as_("one"), with_(hiring=wrong, documents="documents:\n- {number: 甲, title: 乙}\n")
    )
    assert response.status_code == 400
    assert "documents.yaml 第 2 行 issuer：缺少这个键" in response.text
    assert "programmes/hiring.yaml 第 6 行 kind：应为 cash" in response.text
    assert response.text.count("<li>目录包/") >= 2
