"""Applying from a self-check: the form, the receipt, and what is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.models import Application, ApplicationEvent, Enterprise
from applications.workflow import Status
from policies.models import Edition
from policies.packs import load_packs
from tests.factories import SelfCheckFactory
from tests.policies.packs import FIXTURES

FORM = {
    "enterprise_name": "沁水县测试制造有限公司",
    "credit_code": "91140521 ma0k 000019",
    "contact_name": "办公室",
    "contact_telephone": "0356-7000000",
    "truthful": "on",
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    load_packs(FIXTURES)


@pytest.fixture
def check(db):
    return SelfCheckFactory()


def address(check, programme="jc-xsg"):
    return reverse("applications:apply", args=[check.token, programme])


def send(client, check, programme="jc-xsg", **changes):
    today = timezone.localdate()
    edition = Edition.objects.in_force(today).get(programme=programme)
    return client.post(address(check, programme), {**FORM, "edition": edition.pk, **changes})


def test_a_firm_applies_and_gets_a_receipt(client, check):
    response = send(client, check)
    application = Application.objects.get()
    assert response.url == reverse("applications:receipt", args=[application.reference])
    assert application.number == f"140521-{timezone.localdate().year}-0001"
    assert application.enterprise.credit_code == "91140521MA0K000019"
    assert application.county_id == "140521"
    assert application.answers == check.answers
    assert application.assessment["awards"]["province"]["now"] == [30, 30]
    assert application.events.get().target == Status.SUBMITTED
    page = client.get(response.url).content.decode()
    assert application.number in page
    assert "待受理" in page
    assert FORM["contact_telephone"] not in page


def test_the_result_links_only_programmes_that_the_firm_qualifies_for(client, check):
    page = client.get(reverse("policies:result", args=[check.token])).content.decode()
    assert address(check) in page
    assert address(check, "jc-share") not in page


def test_sending_twice_gives_the_same_receipt(client, check):
    first, second = send(client, check), send(client, check)
    assert first.url == second.url
    assert Application.objects.count() == ApplicationEvent.objects.count() == 1


def test_after_a_rejection_the_firm_may_apply_again(client, check):
    send(client, check)
    Application.objects.update(status=Status.REJECTED)
    send(client, check)
    assert Application.objects.count() == 2


def test_another_who_uses_the_same_code_changes_nothing_of_the_first(client, check):
    send(client, check)
    send(client, SelfCheckFactory(), enterprise_name="另一个名字")
    assert Enterprise.objects.get().name == FORM["enterprise_name"]
    numbers = Application.objects.order_by("number").values_list("number", flat=True)
    assert [number[-4:] for number in numbers] == ["0001", "0002"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("enterprise_name", "", "这个字段是必填项"),
        ("credit_code", "91140521MA0K000018", "请核对统一社会信用代码"),
        ("credit_code", "<script>", "请核对统一社会信用代码"),
        ("contact_telephone", "12345", "请填手机号码或带区号的座机"),
        ("truthful", "", "请确认所填内容真实"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_kept(client, check, field, value, message):
    response = send(client, check, **{field: value})
    assert message in str(response.context["form"].errors[field])
    page = response.content.decode()
    assert "您填的内容都还在" in page
    assert FORM["contact_name"] in page
    assert not Application.objects.exists()


def test_a_programme_that_the_firm_does_not_qualify_for_cannot_be_sent(client):
    check = SelfCheckFactory(answers={"enterprise.county": "140521", "industry.section": "A"})
    response = send(client, check)
    assert "还不能申报" in response.content.decode()
    assert not Application.objects.exists()


def test_without_a_county_nobody_is_known_to_receive_it(client, check):
    del check.answers["enterprise.county"]
    check.answers["enterprise.city"] = "140500"
    check.save()
    assert "注册在哪个县" in client.get(address(check)).content.decode()


def test_an_edition_that_changed_meanwhile_is_shown_before_sending(client, check):
    response = send(client, check, edition=0)
    assert "政策内容刚刚更新" in response.content.decode()
    assert not Application.objects.exists()


def test_a_base_or_project_is_named(client, check):
    check.answers |= {"project.in_park": True}
    response = client.get(address(check, "jc-proj-in"))
    assert "subject" in response.context["form"].fields
    assert "subject" not in client.get(address(check)).context["form"].fields


def test_answers_of_last_year_are_not_read_as_of_this_year(client, check):
    check.on = check.on.replace(year=check.on.year - 1, day=1)
    check.save()
    assert "还不能申报" in send(client, check).content.decode()


def test_strangers_find_nothing(client, check):
    assert client.get(address(check, "no-such")).status_code == 404
    assert (
        client.get(reverse("applications:apply", args=["guess" * 7, "jc-xsg"])).status_code == 404
    )
    check.expires_at = timezone.now() - timedelta(seconds=1)
    check.save()
    assert send(client, check).status_code == 404
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.get(reverse("applications:receipt", args=[unknown])).status_code == 404


def test_deleting_the_self_check_keeps_what_was_submitted(client, check):
    receipt = send(client, check).url
    client.post(reverse("policies:result-delete", args=[check.token]))
    assert client.get(receipt).status_code == 200


def test_the_receipt_is_kept_out_of_indexes_and_caches(client, check):
    response = client.get(send(client, check).url)
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
