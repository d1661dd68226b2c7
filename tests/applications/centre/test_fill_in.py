"""Staff fill in for a firm that walks in: within their jurisdiction, and the record says so."""

import pytest
from django.urls import reverse

from applications.enterprises.models import Enterprise, ProfileAnswer, Subject
from tests.applications.enterprises.test_profile import seen
from tests.factories import (
    ApplicationFactory,
    EnterpriseFactory,
    MembershipFactory,
    ProfileAnswerFactory,
    SubjectFactory,
    UserFactory,
)
from tests.policies.packs import load_catalogue

LIST = reverse("admin:enterprises_enterprise_changelist")
NEW = reverse("admin:enterprises_enterprise_add")
MAY = ["view_enterprise", "fill_in_for_enterprise"]
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def clerk(client):
    user = UserFactory(permissions=MAY)
    client.force_login(user)
    return user


def page(what, enterprise, query=""):
    return reverse(f"admin:enterprises_enterprise_{what}", args=[enterprise.pk]) + query


def fill_in(client, enterprise, query="?section=基本情况", **data):
    return client.post(page("fill_in", enterprise, query), {"seen": seen(), **data})


def test_staff_fill_in_and_both_sides_see_that_it_was_them(client, clerk):
    enterprise = EnterpriseFactory()
    address = page("fill_in", enterprise, "?section=%E5%9F%BA%E6%9C%AC%E6%83%85%E5%86%B5")
    assert address in client.get(page("change", enterprise)).content.decode()
    assert client.get(address).status_code == 200
    assert fill_in(client, enterprise, enterprise__employees="85").status_code == 302
    answer = ProfileAnswer.objects.get()
    assert (answer.value, answer.given_by, answer.by_staff) == (85, clerk, True)
    assert "县中心代填" in client.get(page("change", enterprise)).content.decode()
    client.force_login(MembershipFactory().user)
    profile = client.get(reverse("firm:profile")).content.decode()
    assert "县中心代填" in profile
    assert clerk.username not in profile


def test_a_slip_is_named_and_an_old_page_overwrites_nothing(client, clerk):
    enterprise = EnterpriseFactory()
    response = fill_in(client, enterprise, enterprise__employees="很多")
    assert "请填数字" in response.content.decode()
    assert "很多" in response.content.decode()
    ProfileAnswerFactory(value=90)
    response = fill_in(client, enterprise, enterprise__employees="70", seen="0")
    assert "档案刚被别人改过" in response.content.decode()
    assert ProfileAnswer.objects.count() == 1


def test_staff_add_a_base_and_fill_it_in(client, clerk):
    enterprise = EnterpriseFactory()
    url = page("subject", enterprise)
    assert client.post(url, {"kind": "base", "name": ""}).status_code == 400
    client.post(url, {"kind": "base", "name": "一号基地"})
    subject = Subject.objects.get()
    change = client.get(page("change", enterprise, f"?subject={subject.pk}"))
    assert "双创基地：一号基地" in change.content.decode()
    query = f"?section=双创基地&subject={subject.pk}"
    assert fill_in(client, enterprise, query, base__tenants="30").status_code == 302
    assert ProfileAnswer.objects.get().subject == subject
    other = SubjectFactory(enterprise__credit_code="91140522MA0K00003X")
    for wrong in (other.pk, "x", "-1", "9" * 5):
        assert client.get(page("change", enterprise, f"?subject={wrong}")).status_code == 404
        query = f"?section=重点项目&subject={wrong}"
        assert fill_in(client, enterprise, query, project__in_park="true").status_code == 404


def test_a_firm_without_a_record_gets_one_in_ones_own_county_only(client, clerk):
    form = {"credit_code": "91140521 ma0k 000019", "name": "上门企业", "county": "140521"}
    for wrong in ({"credit_code": "91140521MA0K000018"}, {"county": "140522"}, {"name": ""}):
        assert client.post(NEW, {**form, **wrong}).status_code == 200
    assert not Enterprise.objects.exists()
    client.post(NEW, form)
    assert Enterprise.objects.get().credit_code == "91140521MA0K000019"
    assert "已有这个统一社会信用代码" in client.post(NEW, form).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140500"}, 200),
        ({"jurisdiction_code": "140522"}, 404),
        ({"jurisdiction_code": ""}, 404),
        ({"permissions": ["view_enterprise"]}, 403),
        ({"permissions": []}, 403),
        ({"is_staff": False}, 302),
    ],
)
def test_only_those_in_charge_and_allowed_fill_in(client, who, status):
    enterprise = EnterpriseFactory()
    client.force_login(UserFactory(**{"permissions": MAY, **who}))
    assert client.get(page("fill_in", enterprise, "?section=基本情况")).status_code == status
    if status != 200:
        assert fill_in(client, enterprise, enterprise__employees="85").status_code == status
        data = {"kind": "base", "name": "一号基地"}
        assert client.post(page("subject", enterprise), data).status_code == status
    if who.get("permissions") == ["view_enterprise"]:
        assert client.get(NEW).status_code == 403
        assert "填写或修改" not in client.get(page("change", enterprise)).content.decode()
    assert not ProfileAnswer.objects.exists()
    assert not Subject.objects.exists()


def test_who_sees_a_firm_only_by_its_application_neither_reads_nor_fills_its_profile(client):
    enterprise = EnterpriseFactory(
        credit_code="91140522MA0K00003X", county__code="140522", county__name="阳城县"
    )
    ProfileAnswerFactory(enterprise=enterprise, value=87)
    ApplicationFactory(enterprise=enterprise, county_id="140521")
    client.force_login(UserFactory(permissions=[*MAY, "view_application"]))
    response = client.get(page("change", enterprise))
    assert response.status_code == 200
    assert "87 人" not in response.content.decode()
    assert fill_in(client, enterprise, enterprise__employees="85").status_code == 403


def test_the_list_holds_the_firms_of_ones_own_county(client, clerk):
    EnterpriseFactory()
    EnterpriseFactory(
        credit_code="91140522MA0K00003X",
        name="阳城县另一家公司",
        county__code="140522",
        county__name="阳城县",
    )
    text = client.get(LIST).content.decode()
    assert "沁水县测试制造有限公司" in text
    assert "阳城" not in text


def test_the_page_of_a_firm_takes_the_same_queries_for_much(
    client, clerk, django_assert_max_num_queries
):
    enterprise = EnterpriseFactory()
    for member in MembershipFactory.create_batch(20, role="member"):
        ProfileAnswerFactory(given_by=member.user)
    ApplicationFactory.create_batch(10, enterprise=enterprise)
    client.get(page("change", enterprise))
    with django_assert_max_num_queries(16):
        shown = client.get(page("change", enterprise)).content.decode()
    assert shown.count("（成员）") == 20
    assert shown.count("85 人") == 20
    assert shown.count("/admin/cases/application/") == 10


def test_slips_are_counted_above_the_form_and_lead_to_their_fields(client, clerk):
    enterprise = EnterpriseFactory()
    response = fill_in(
        client, enterprise, enterprise__employees="很多", enterprise__founded_on="前年"
    )
    page_ = response.content.decode()
    assert "还没有保存" in page_ and "有 2 处请核对" in page_
    for name in ("enterprise__employees", "enterprise__founded_on"):
        assert f'href="#id_{name}"' in page_
