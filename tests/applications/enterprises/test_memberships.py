"""Members of a firm: registering, claiming, inviting, and what strangers find."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications.enterprises.models import Claim, Enterprise, Invitation, Membership
from applications.enterprises.services.memberships import (
    MembershipError,
    accept_invitation,
    approve_claim,
    change_role,
    reject_claim,
    remove_member,
)
from portal.models import User
from tests.applications.firm.test_accounts import FORM, link_in_mail, sign_up
from tests.factories import (
    PASSWORD,
    ApplicationFactory,
    ClaimFactory,
    EnterpriseFactory,
    FirmUserFactory,
    InvitationFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
)
from tests.letters import sent_letters

HOME, MEMBERS = reverse("firm:enterprise"), reverse("firm:members")
REGISTER, INVITE = (
    reverse("firm:enterprise-register"),
    reverse("firm:member-invite"),
)
CLAIMS = reverse("admin:enterprises_claim_changelist")
TOKEN = "a-token-that-was-sent-by-mail"
INVITATION = reverse("firm:invitation", args=[TOKEN])
INVITED_SIGN_UP = reverse("firm:invited-sign-up", args=[TOKEN])
CONTACT = {"contact_name": "财务", "contact_telephone": "0356-7000001"}
ELSEWHERE = {
    "enterprise__credit_code": "91140522MA0K00003X",
    "enterprise__name": "阳城县另一家公司",
    "enterprise__county__code": "140522",
    "enterprise__county__name": "阳城县",
}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def county(db):
    return JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )


@pytest.fixture
def owner(client):
    membership = MembershipFactory()
    client.force_login(membership.user)
    return membership


def register(client, **changes):
    return client.post(REGISTER, {**FORM, **changes})


def test_a_code_that_has_an_owner_waits_for_the_centre(client):
    owner = MembershipFactory()
    sign_up(client, message="我是该企业法定代表人")
    claim = Claim.objects.get()
    assert (claim.status, claim.enterprise) == ("pending", owner.enterprise)
    assert (claim.message, claim.contact_name) == ("我是该企业法定代表人", "办公室")
    page = client.get(HOME).content.decode()
    assert "由企业注册地的县中心核实" in page
    assert owner.user.email not in page
    assert client.get(MEMBERS).status_code == 404
    assert Membership.objects.count() == 1


def test_a_code_from_an_anonymous_application_waits_for_the_centre_too(client):
    application = ApplicationFactory()
    sign_up(client)
    page = client.get(HOME).content.decode()
    assert "没有人证明过它属于谁" in page
    assert application.number not in page
    assert not Membership.objects.exists()
    assert Enterprise.objects.count() == 1


def test_what_a_claimant_writes_changes_nothing_of_the_enterprise(client):
    enterprise = EnterpriseFactory()
    sign_up(client, enterprise_name="另一个名称有限公司")
    enterprise.refresh_from_db()
    assert enterprise.name == "沁水县测试制造有限公司"


def test_a_user_registers_a_second_firm_and_chooses_between_them(client, owner):
    assert register(client, credit_code="91140521MA0K00002X").status_code == 200
    code = "91140522MA0K00003X"
    assert register(client, credit_code=code, enterprise_name="第二家公司").url == HOME
    assert Membership.objects.filter(user=owner.user).count() == 2
    assert "<h1>第二家公司</h1>" in client.get(HOME).content.decode()
    choose = reverse("firm:enterprise-choose")
    client.post(choose, {"enterprise": owner.enterprise_id})
    assert f"<h1>{owner.enterprise}</h1>" in client.get(HOME).content.decode()
    other = EnterpriseFactory(credit_code="91140521MA0K00004Q", name="别人的公司")
    for tampered in (other.pk, "", "x", "1 or 1=1"):
        assert client.post(choose, {"enterprise": tampered}).status_code == 404


def test_the_same_firm_is_not_registered_twice_by_a_user(client, owner):
    assert "已经是这家企业的成员" in register(client).content.decode()
    MembershipFactory(**ELSEWHERE)
    register(client, credit_code="91140522MA0K00003X")
    page = register(client, credit_code="91140522MA0K00003X").content.decode()
    assert "正在等待核实" in page
    assert Claim.objects.count() == 1


def test_without_a_confirmed_address_registering_gives_no_rights(client):
    client.force_login(FirmUserFactory(confirmed=False))
    assert "还没有确认过邮箱" in register(client).content.decode()
    assert not Claim.objects.exists()
    assert not Enterprise.objects.exists()


def decide(client, claim, decision, reason=""):
    url = reverse("admin:enterprises_claim_decide", args=[claim.pk])
    return client.post(url, {"decision": decision, "reason": reason})


@pytest.fixture
def clerk(client):
    user = UserFactory(permissions=["view_claim", "decide_claim"])
    client.force_login(user)
    return user


@pytest.mark.parametrize("role", ["owner", "member"])
def test_the_centre_lets_a_claimant_in(client, clerk, role):
    claim = ClaimFactory(message="我是法定代表人")
    page = client.get(reverse("admin:enterprises_claim_change", args=[claim.pk]))
    assert "我是法定代表人" in page.content.decode()
    assert decide(client, claim, role).status_code == 302
    membership = Membership.objects.get()
    assert (membership.user, membership.role) == (claim.user, role)
    claim.refresh_from_db()
    assert (claim.status, claim.decided_by) == ("approved", clerk)


def test_a_rejection_takes_a_reason_which_the_claimant_reads(client, clerk):
    claim = ClaimFactory()
    assert "请写明理由" in decide(client, claim, "reject", "  ").content.decode()
    assert "没有这种结论" in decide(client, claim, "superuser").content.decode()
    decide(client, claim, "reject", "电话核实不是本企业人员")
    client.force_login(claim.user)
    assert "电话核实不是本企业人员" in client.get(HOME).content.decode()
    assert not Membership.objects.exists()


def test_a_claim_is_decided_once(client, clerk):
    claim = ClaimFactory()
    stale = Claim.objects.get(pk=claim.pk)
    decide(client, claim, "reject", "不是本企业人员")
    page = decide(client, claim, "owner").content.decode()
    assert "已被他人处理" in page
    with pytest.raises(MembershipError):
        approve_claim(claim=stale, role="owner", actor=clerk, now=timezone.now())
    with pytest.raises(MembershipError):
        reject_claim(claim=stale, reason="再次", actor=clerk, now=timezone.now())
    assert not Membership.objects.exists()


def test_a_member_who_is_let_in_as_owner_becomes_one_and_no_owner_is_demoted():
    membership = MembershipFactory(role="member")
    now, actor = timezone.now(), UserFactory()
    claim = ClaimFactory(user=membership.user)
    approve_claim(claim=claim, role="owner", actor=actor, now=now)
    membership.refresh_from_db()
    assert membership.is_owner
    claim = ClaimFactory(user=membership.user)
    approve_claim(claim=claim, role="member", actor=actor, now=now)
    membership.refresh_from_db()
    assert membership.is_owner


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"jurisdiction_code": "140500"}, 200),
        ({"jurisdiction_code": "140522"}, 404),
        ({"jurisdiction_code": ""}, 404),
        ({"permissions": []}, 403),
        ({"is_staff": False}, 302),
    ],
)
def test_a_claim_opens_only_for_those_in_charge(client, who, status):
    claim = ClaimFactory()
    user = UserFactory(**{"permissions": ["view_claim", "decide_claim"], **who})
    client.force_login(user)
    page = reverse("admin:enterprises_claim_change", args=[claim.pk])
    assert client.get(page).status_code == status
    if status != 200:
        assert decide(client, claim, "owner").status_code == status
        assert not Membership.objects.exists()
    if status == 404:
        assert claim.enterprise_name not in client.get(CLAIMS).content.decode()


def test_the_county_that_a_claimant_wrote_sees_the_claim_and_does_not_decide(client):
    owner = MembershipFactory()
    claim = ClaimFactory(
        enterprise=owner.enterprise,
        county=EnterpriseFactory(credit_code="x", county__code="140522").county,
    )
    client.force_login(
        UserFactory(jurisdiction_code="140522", permissions=["view_claim", "decide_claim"])
    )
    assert claim.credit_code in client.get(CLAIMS).content.decode()
    address = reverse("admin:enterprises_claim_change", args=[claim.pk])
    page = client.get(address).content.decode()
    assert "您只能查看" in page
    assert owner.user.email not in page
    assert decide(client, claim, "owner").status_code == 403
    assert Membership.objects.get() == owner


def test_a_claim_to_a_code_registered_elsewhere_is_decided_where_the_code_belongs(client):
    """Somebody registered a code of 沁水县 in 阳城县: both counties learn of the claim."""
    enterprise = EnterpriseFactory(county__code="140522", county__name="阳城县")
    claim = ClaimFactory(enterprise=enterprise)
    for place in ("140521", "140522"):
        staff = UserFactory(jurisdiction_code=place, permissions=["view_claim", "decide_claim"])
        client.force_login(staff)
        page = client.get(reverse("admin:enterprises_claim_change", args=[claim.pk]))
        assert "和登记的注册地不同" in page.content.decode()
        assert 'id="decision"' in page.content.decode()
    client.force_login(
        UserFactory(jurisdiction_code="140521", permissions=["view_claim", "decide_claim"])
    )
    assert decide(client, claim, "owner").status_code == 302
    assert Membership.objects.get().user == claim.user


def test_memberships_claims_and_invitations_keep_their_history(client, owner):
    member = MembershipFactory(role="member", enterprise=owner.enterprise)
    invite(client)
    invitation = Invitation.objects.get()
    client.post(reverse("firm:invitation-withdraw", args=[invitation.pk]))
    change(client, "role", member, role="owner")
    change(client, "remove", member)
    kept = Membership.history.filter(user=member.user).order_by("history_id")
    assert [(row.history_type, row.role) for row in kept] == [
        ("+", "member"), ("~", "owner"), ("-", "owner"),
    ]  # fmt: skip
    assert [row.history_user for row in kept][1:] == [owner.user] * 2
    assert [row.withdrawn_at is None for row in invitation.history.all()] == [False, True]
    claim = ClaimFactory()
    reject_claim(claim=claim, reason="没有授权", actor=owner.user, now=timezone.now())
    assert [row.status for row in claim.history.all()] == ["rejected", "pending"]
    for model in (Membership, Invitation, Claim):
        columns = {field.name for field in model.history.model._meta.fields}
        assert not columns & {"contact_name", "contact_telephone", "email", "message"}
        with pytest.raises(IntegrityError), transaction.atomic():
            model.history.all().delete()


def test_nobody_decides_their_own_claim(client, clerk):
    claim = ClaimFactory(user=clerk)
    assert "自己的认领" in decide(client, claim, "owner").content.decode()
    assert not Membership.objects.exists()


def test_who_may_only_look_cannot_decide_a_claim(client):
    claim = ClaimFactory()
    client.force_login(UserFactory(permissions=["view_claim"]))
    page = client.get(reverse("admin:enterprises_claim_change", args=[claim.pk]))
    assert 'id="decision"' not in page.content.decode()
    assert decide(client, claim, "owner").status_code == 403


def test_the_list_of_claims_takes_the_same_queries_for_many(
    client, clerk, django_assert_max_num_queries
):
    ClaimFactory.create_batch(20)
    with django_assert_max_num_queries(12):
        response = client.get(CLAIMS)
    assert len(response.context["cl"].result_list) == 20


def invite(client, email="colleague@firm.example"):
    return client.post(INVITE, {"email": email})


def test_an_owner_invites_and_the_invited_signs_up_and_joins(client, owner):
    assert invite(client, "Colleague@Firm.example").url == MEMBERS
    assert sent_letters()[0].to == ["colleague@firm.example"]
    letter = link_in_mail()
    assert "colleague@firm.example" in client.get(MEMBERS).content.decode()
    guest = client.__class__()
    assert "注册并加入" in guest.get(letter).content.decode()
    form = {**CONTACT, "password1": PASSWORD, "password2": PASSWORD, "email": "x@y.example"}
    assert guest.post(f"{letter}sign-up/", form).url == HOME
    membership = Membership.objects.get(user__email="colleague@firm.example")
    assert (membership.role, membership.contact_name) == ("member", "财务")
    assert EmailAddress.objects.get(user=membership.user).verified
    assert str(owner.enterprise) in guest.get(HOME).content.decode()
    assert not User.objects.filter(email="x@y.example").exists()


def test_the_letter_alone_holds_the_token(client, owner):
    invite(client)
    token = link_in_mail().strip("/").split("/")[-1]
    assert token not in str(Invitation.objects.values().get())


def test_the_invited_who_has_an_account_logs_in_and_joins(client):
    invitation = InvitationFactory()
    user = FirmUserFactory(email=invitation.email)
    client.force_login(user)
    assert "加入" in client.get(INVITATION).content.decode()
    page = client.post(INVITATION, {**CONTACT, "contact_telephone": "1"}).content.decode()
    assert "手机号码" in page
    assert "财务" in page
    assert client.post(INVITATION, CONTACT).url == HOME
    assert Membership.objects.get().user == user


@pytest.mark.parametrize(
    "state",
    [
        {"invited_at": timezone.now() - timedelta(days=7, seconds=1)},
        {"withdrawn_at": timezone.now()},
        {"accepted": True},
    ],
)
def test_a_link_that_is_over_says_so_and_lets_nobody_in(client, state):
    if state.pop("accepted", False):
        state = {"accepted_at": timezone.now(), "accepted_by": FirmUserFactory()}
    invitation = InvitationFactory(**state)
    form = {**CONTACT, "password1": PASSWORD, "password2": PASSWORD}
    for response in (client.get(INVITATION), client.post(INVITED_SIGN_UP, form)):
        assert response.status_code == 410
        assert "邀请已失效" in response.content.decode()
    user = FirmUserFactory(email=invitation.email)
    client.force_login(user)
    assert client.post(INVITATION, CONTACT).status_code == 410
    with pytest.raises(MembershipError):
        accept_invitation(invitation=invitation, user=user, now=timezone.now(), **CONTACT)
    assert not Membership.objects.exists()


def test_an_invitation_serves_its_own_address_only(client):
    InvitationFactory()
    client.force_login(FirmUserFactory())
    assert "另一个邮箱" in client.get(INVITATION).content.decode()
    client.post(INVITATION, CONTACT)
    assert not Membership.objects.exists()
    unconfirmed = FirmUserFactory(email="colleague@firm.example", confirmed=False)
    client.force_login(unconfirmed)
    client.post(INVITATION, CONTACT)
    assert not Membership.objects.exists()


def test_a_guessed_link_finds_nothing(client):
    guess = reverse("firm:invitation", args=["guess" * 7])
    assert client.get(guess).status_code == 404
    assert client.post(f"{guess}sign-up/").status_code == 404


def test_one_invitation_stands_for_an_address_and_an_expired_one_is_replaced(client, owner):
    invite(client)
    response = invite(client, "COLLEAGUE@firm.example")
    assert response.status_code == 400
    assert "已经邀请过这个邮箱" in response.content.decode()
    Invitation.objects.update(
        invited_at=timezone.now() - timedelta(days=8), expires_at=timezone.now()
    )
    assert invite(client).status_code == 302
    assert Invitation.objects.standing().count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(enterprise=owner.enterprise)


def test_inviting_answers_alike_for_known_and_new_addresses(client, owner):
    FirmUserFactory(email="known@firm.example")
    answers = []
    for email in ("known@firm.example", "nobody@firm.example"):
        page = client.post(INVITE, {"email": email}, follow=True)
        answers.append([str(message).replace(email, "") for message in page.context["messages"]])
    assert answers[0] == answers[1] != []


@pytest.mark.parametrize("email", ["", "nonsense", "a@b", "x" * 300 + "@firm.example"])
def test_a_slip_in_an_invitation_is_named(client, owner, email):
    response = invite(client, email)
    assert response.status_code == 400
    assert response.context["form"].errors["email"]
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again_and_invitations_are_not_endless(client, owner):
    assert "已经是本企业成员" in invite(client, owner.user.email).content.decode()
    for number in range(20):
        InvitationFactory(enterprise=owner.enterprise, email=f"{number}@x.cn", token=str(number))
    assert "最多发 20 封" in invite(client).content.decode()


def test_every_letter_counts_whether_withdrawn_accepted_or_standing(
    client, owner, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(31):
            invite(client, f"{number}@firm.example")
            withdraw = Invitation.objects.first()
            client.post(reverse("firm:invitation-withdraw", args=[withdraw.pk]))
    assert len(sent_letters()) == 20
    Invitation.objects.update(withdrawn_at=None, accepted_at=timezone.now(), accepted_by=owner.user)
    assert "最多发 20 封" in invite(client).content.decode()
    week_ago = timezone.now() - timedelta(days=7)
    Invitation.objects.update(invited_at=week_ago, expires_at=timezone.now())
    assert invite(client).status_code == 302


def test_another_firm_gives_its_owner_no_more_letters(client, owner):
    for number in range(20):
        InvitationFactory(
            enterprise=owner.enterprise,
            email=f"{number}@x.cn",
            token=str(number),
            invited_by=owner.user,
        )
    second = MembershipFactory(user=owner.user, **ELSEWHERE)
    client.post(reverse("firm:enterprise-choose"), {"enterprise": second.enterprise_id})
    assert "最多发 20 封" in invite(client).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "开心网络.com", "加微信13800138000", "恭喜中奖！", "联系 a@b", "ｗｗｗ．evil．cn",
        "evil·com", "evil[.]com", "evil dot com", "evil点org", "evil.c om", "xn--fiq228c",
        "加微信wx12345", "热线138‐1234‐5678", "热线138·1234·5678", "热线138.1234.5678",
        "热线一三八、一二三四、五六七八", "热线١٣٨١٢٣٤٥٦٧٨",
    ],
)  # fmt: skip
def test_a_name_that_leads_somewhere_is_neither_registered_nor_sent(client, owner, name):
    response = register(client, credit_code="91140522MA0K00003X", enterprise_name=name)
    assert "联系方式" in response.context["form"].errors["enterprise_name"][0]
    Enterprise.objects.update(name=name)
    assert "联系方式" in invite(client).content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "沁水县测试煤机（集团）有限公司", "3M中国有限公司", "A·O·史密斯（中国）热水器有限公司", "太原K&B商贸",
        "山西三六五网络有限公司", "晋城市12345服务中心", "一点点奶茶店",
    ],
)  # fmt: skip
def test_a_name_as_firms_have_it_is_registered(client, owner, name):
    assert (
        register(client, credit_code="91140522MA0K00003X", enterprise_name=name).status_code == 302
    )


@pytest.mark.parametrize(
    "name",
    [
        "晋城市“五一”商贸有限公司",
        "360安全（山西）有限公司",
        "二〇二六文化传媒有限公司",
        "某某·沁水加油站",
    ],
)
def test_names_as_licences_print_them_are_registered(client, owner, name):
    register(client, credit_code="91140522MA0K00003X", enterprise_name=name)
    assert Enterprise.objects.filter(name=name).exists()


def test_three_codes_a_day_are_registered_by_an_account(client, owner):
    codes = ["91140522MA0K00003X", "91140521MA0K00004J", "91140521MA0K00005M"]
    for code in codes:
        assert register(client, credit_code=code).url == HOME
    response = register(client, credit_code="91140521MA0K00006Q")
    assert "一天最多登记 3 个" in response.content.decode()
    assert Claim.objects.count() == 3
    Claim.objects.update(claimed_at=timezone.now() - timedelta(days=1))
    assert register(client, credit_code="91140521MA0K00006Q").url == HOME


@pytest.mark.parametrize("how", ["remove", "role"])
def test_the_letters_of_somebody_who_may_invite_no_more_are_over(client, owner, how):
    gone = MembershipFactory(enterprise=owner.enterprise)
    InvitationFactory(enterprise=owner.enterprise, invited_by=gone.user)
    change(client, how, gone, role="member")
    assert not Invitation.objects.standing().exists()
    assert client.__class__().get(INVITATION).status_code == 410


def test_an_invitation_to_an_address_with_an_account_leads_to_the_login(client):
    FirmUserFactory(email=InvitationFactory().email)
    assert client.get(INVITED_SIGN_UP).url.startswith(reverse("account_login"))
    assert INVITATION in client.get(INVITED_SIGN_UP, follow=True).content.decode()


def test_a_withdrawn_invitation_is_over(client, owner):
    invitation = InvitationFactory(enterprise=owner.enterprise)
    withdraw = reverse("firm:invitation-withdraw", args=[invitation.pk])
    assert client.get(withdraw).status_code == 405
    client.post(withdraw)
    assert client.__class__().get(INVITATION).status_code == 410
    assert "已撤回" in client.post(withdraw, follow=True).content.decode()


def change(client, what, membership, **data):
    url = reverse(f"firm:member-{what}", args=[membership.pk])
    return client.post(url, data, follow=True)


def test_owners_appoint_and_remove_but_the_last_owner_stays(client, owner):
    member = MembershipFactory(role="member", contact_name="财务")
    assert "至少要有一名管理员" in change(client, "remove", owner).content.decode()
    assert "至少要有一名管理员" in change(client, "role", owner, role="member").content.decode()
    assert "没有这种角色" in change(client, "role", member, role="root").content.decode()
    change(client, "role", member, role="owner")
    member.refresh_from_db()
    assert member.is_owner
    change(client, "role", owner, role="member")
    owner.refresh_from_db()
    assert not owner.is_owner
    with pytest.raises(MembershipError):
        remove_member(membership=member, now=timezone.now())
    with pytest.raises(MembershipError):
        change_role(membership=member, role="member", now=timezone.now())
    change_role(membership=owner, role="owner", now=timezone.now())
    change(client, "remove", member)
    assert Membership.objects.get() == owner


def own_pages(membership, invitation):
    """Every page and action of the centre that belongs to one firm."""
    return [
        ("get", MEMBERS),
        ("post", INVITE),
        ("post", reverse("firm:member-remove", args=[membership.pk])),
        ("post", reverse("firm:member-role", args=[membership.pk])),
        ("post", reverse("firm:invitation-withdraw", args=[invitation.pk])),
    ]


def test_strangers_find_nothing(client):
    owner = MembershipFactory()
    MembershipFactory(role="member", enterprise=owner.enterprise)
    invitation = InvitationFactory(enterprise=owner.enterprise)
    pages = own_pages(owner, invitation)
    for method, page in pages:
        assert getattr(client, method)(page).url.startswith(reverse("account_login"))
    for stranger in (FirmUserFactory(), UserFactory(jurisdiction_code="140522")):
        client.force_login(stranger)
        for method, page in pages:
            assert getattr(client, method)(page).status_code == 404, page
    client.force_login(MembershipFactory(**ELSEWHERE).user)
    for method, page in pages[2:]:
        assert getattr(client, method)(page, {"role": "member"}).status_code == 404, page
    assert owner.user.email not in client.get(MEMBERS).content.decode()
    assert Invitation.objects.standing().exists()
    assert owner.enterprise.memberships.count() == 2


def test_a_member_looks_but_only_owners_act(client):
    owner = MembershipFactory()
    client.force_login(MembershipFactory(role="member").user)
    page = client.get(MEMBERS)
    assert page.status_code == 200
    assert "发送邀请" not in page.content.decode()
    for method, page in own_pages(owner, InvitationFactory())[1:]:
        assert getattr(client, method)(page).status_code == 403
    assert Membership.objects.count() == 2


def test_a_member_who_was_removed_is_out_at_once(client, owner):
    member = MembershipFactory(role="member")
    own = client.__class__()
    own.force_login(member.user)
    assert own.get(MEMBERS).status_code == 200
    change(client, "remove", member)
    assert own.get(MEMBERS).status_code == 404
    assert str(owner.enterprise) not in own.get(HOME).content.decode()


def test_the_centre_is_kept_out_of_caches_and_takes_the_same_queries_for_many(
    client, owner, django_assert_max_num_queries
):
    MembershipFactory.create_batch(5, role="member")
    ApplicationFactory.create_batch(20, enterprise=owner.enterprise)
    client.get(HOME)  # the first page of all compiles the catalogue
    with django_assert_max_num_queries(15):
        response = client.get(HOME)
    assert "no-store" in response["Cache-Control"]
    with django_assert_max_num_queries(8):
        client.get(MEMBERS)


def test_the_centre_lists_the_firms_applications_with_their_pages(client, owner):
    application = ApplicationFactory(enterprise=owner.enterprise)
    other = ApplicationFactory(
        enterprise__credit_code="91140522MA0K00003X", enterprise__name="另一家"
    )
    page = client.get(HOME).content.decode()
    assert reverse("firm:case", args=[application.reference]) in page
    assert application.edition.programme.name in page
    assert other.number not in page
