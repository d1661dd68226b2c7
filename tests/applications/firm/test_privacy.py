"""What is kept of people goes when the site says so; they take it with them, and leave."""

import json
import os
import stat
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import ApplicationDraft
from applications.enterprises.models import Claim, Invitation, Membership
from applications.firm.retention import RETENTION, tidy
from applications.firm.sign_up_letters import sign_up_key
from policies.pages.models import ErrorReport
from policies.self_check.models import SelfCheck
from portal.accounts.addresses import confirm_address
from portal.apps import PERSONAL_FIELDS, USER_HISTORY_FIELDS
from portal.daily import run_daily
from portal.known_devices import COOKIE, device_of
from portal.models import Delivery, StoredFile, User
from tests.factories import (
    PASSWORD,
    ApplicationFactory,
    ClaimFactory,
    DraftFactory,
    ErrorReportFactory,
    FirmUserFactory,
    InvitationFactory,
    MembershipFactory,
    SelfCheckFactory,
    UserFactory,
    hashed,
)
from tests.letters import sent_letters
from tests.second_factor import give_app, log_in

PRIVACY, DATA = reverse("firm:privacy"), reverse("firm:own-data")
CLOSE, HOME = reverse("firm:close-account"), reverse("firm:enterprise")
pytestmark = pytest.mark.django_db


def delivery(**fields):
    said = {
        "key": "letter",
        "channel": "email",
        "address": "office@firm.example",
        "subject": "申报有新进展",
        "text": "张三您好",
        "state": "sent",
        "sent_at": timezone.now(),
        "due_at": timezone.now(),
        **fields,
    }
    return Delivery.objects.create(**said)


@pytest.fixture
def files(files_root):
    return files_root


def test_a_self_check_is_gone_after_ninety_days_and_not_before(client, files):
    now = timezone.now()
    old = SelfCheckFactory(expires_at=now + timedelta(days=90))
    tidy(now + timedelta(days=90) - timedelta(seconds=1))
    assert SelfCheck.objects.filter(pk=old.pk).exists()
    page = reverse("self_check:result", args=[old.token])
    removed = tidy(now + timedelta(days=90))
    assert not SelfCheck.objects.filter(pk=old.pk).exists()
    assert sum(removed.values()) == 1
    assert client.get(page).status_code == 404


def test_each_kind_goes_in_its_time_and_a_second_run_finds_nothing(files, client):
    user = FirmUserFactory()
    client.force_login(user)
    invitation = InvitationFactory(invited_by=user)
    ClaimFactory(
        status="approved", decided_at=timezone.now(), decided_by=UserFactory(), message="我是经理"
    )
    ClaimFactory(contact_name="还在等的人")
    DraftFactory(updated_at=timezone.now())
    ErrorReportFactory(handled=True, note="已改", contact="13800138000")
    delivery()
    delivery(key="waiting", state="waiting", sent_at=None)
    before = timezone.now() + timedelta(days=10)
    assert not any(tidy(before).values())
    later = timezone.now() + timedelta(days=366)
    assert sum(tidy(later).values()) == 6
    assert not Invitation.objects.exists()
    assert [row.history_type for row in Invitation.history.filter(id=invitation.pk)] == ["-", "+"]
    decided = Claim.objects.get(status="approved")
    assert (decided.contact_name, decided.contact_telephone, decided.message) == ("", "", "")
    assert Claim.objects.get(status="pending").contact_name == "还在等的人"
    assert not ApplicationDraft.objects.exists()
    assert ErrorReport.objects.get().contact == ""
    assert Delivery.objects.get(key="letter").text == ""
    assert Delivery.objects.get(key="letter").address == ""
    assert Delivery.objects.get(key="waiting").text == "张三您好"
    assert client.get(HOME).status_code == 302
    assert not any(tidy(later).values())


def test_the_command_says_what_it_took_away(files):
    SelfCheckFactory(expires_at=timezone.now())
    said = StringIO()
    call_command("tidy", stdout=said)
    assert "自测：填报数据、结果和链接：1" in said.getvalue()
    assert not SelfCheck.objects.exists()


def test_what_another_database_keeps_in_the_folder_is_not_tidied(files):
    (files / "made").mkdir(parents=True)
    (files / "database-of-somebody-else").touch()
    of_another = files / "made" / ("0" * 32)
    of_another.touch()
    os.utime(of_another, (0, 0))
    with pytest.raises(CommandError, match="属于另一个数据库"):
        call_command("tidy")
    assert of_another.exists()


def test_it_is_done_once_a_day(files, time_machine):
    now = timezone.localtime().replace(hour=6, minute=0)
    time_machine.move_to(now)
    SelfCheckFactory(expires_at=now)
    run_daily(now)
    assert not SelfCheck.objects.exists()


def test_of_a_letter_only_address_and_words_are_taken_away():
    letter = delivery()
    found = Delivery.objects.filter(pk=letter.pk)
    for change in (
        {"text": "别的内容"},
        {"text": "", "address": "", "state": "failed", "sent_at": None},
        {"text": "", "address": "", "subject": "别的标题"},
        {"text": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            found.update(**change)
    assert found.forget() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        found.delete()


def test_the_page_prints_the_table_that_the_tidying_obeys(client):
    page = client.get(PRIVACY).content.decode()
    for kind in RETENTION:
        assert kind.what in page
        assert kind.how_long in page
        assert kind.why in page
    assert "90 天" in page


@pytest.mark.parametrize("name", ["pages:home", "account_login", "pages:programmes"])
def test_every_page_leads_to_it_from_its_foot(client, name):
    assert f'href="{PRIVACY}"' in client.get(reverse(name)).content.decode()


def test_so_do_forms_that_ask_for_personal_data(client):
    pages = [reverse("account_signup"), reverse("finish_sign_up", args=[sign_up_key("a@b.cn")])]
    member = MembershipFactory()
    for page in pages:
        assert client.get(page).content.decode().count(f'href="{PRIVACY}"') == 2, page
    client.force_login(member.user)
    for name in ("firm:enterprise-register", "firm:members", "account_change_address"):
        assert client.get(reverse(name)).content.decode().count(f'href="{PRIVACY}"') == 2, name


def test_a_person_takes_their_own_data_along_and_nobody_elses(client):
    membership, other = MembershipFactory(contact_name="张三"), MembershipFactory()
    ClaimFactory(user=membership.user, message="我是经理")
    client.force_login(membership.user)
    response = client.get(DATA)
    assert "attachment" in response["Content-Disposition"]
    found = response.json()
    assert found["账户"]["邮箱"] == membership.user.email
    assert [row["联系人"] for row in found["代表的企业"]] == ["张三"]
    assert found["企业认领"][0]["说明"] == "我是经理"
    text = response.content.decode()
    assert other.user.email not in text
    assert membership.user.password not in text


def test_own_data_holds_files_drafts_invitations_and_letters_without_their_links(client, leaving):
    member = MembershipFactory(user=leaving, contact_name="张三")
    InvitationFactory(
        email=leaving.email, accepted_at=timezone.now(), accepted_by=leaving,
        enterprise=member.enterprise,
    )  # fmt: skip
    DraftFactory(
        enterprise=member.enterprise, updated_by=leaving, updated_at=timezone.now(),
        contact_name="李四",
    )  # fmt: skip
    StoredFile.objects.create(
        original_name="执照.pdf", content_type="application/pdf", size=3, sha256="0" * 64,
        scan="clean", uploaded_at=timezone.now(), uploaded_by=leaving,
    )  # fmt: skip
    Client().post(reverse("account_reset_password"), {"email": leaving.email})
    response = client.get(DATA)
    found = response.json()
    assert [row["文件名"] for row in found["上传的文件"]] == ["执照.pdf"]
    assert [row["联系人"] for row in found["最后由您修改的申报草稿"]] == ["李四"]
    assert [row["邮箱"] for row in found["接受的邀请"]] == [leaving.email]
    assert [row["标题"] for row in found["写到您邮箱的其他邮件"]] == ["设置新密码"]
    assert "/password/reset/key/" not in response.content.decode()


def test_own_data_takes_the_same_queries_for_many(client, django_assert_max_num_queries):
    user = MembershipFactory().user
    client.force_login(user)
    for number in range(10):
        InvitationFactory(invited_by=user, email=f"{number}@x.cn", token=str(number))
    with django_assert_max_num_queries(19):
        client.get(DATA)


@pytest.fixture
def leaving(client):
    user = FirmUserFactory(
        username="zhangsan",
        email="zhangsan@firm.example",
        first_name="三",
        last_name="张",
        mobile="13800138000",
    )
    client.force_login(user)
    return user


def close(client, password=PASSWORD):
    return client.post(CLOSE, {"password": password})


def test_who_closes_an_account_leaves_what_they_did_and_nothing_of_who_they_were(client, leaving):
    membership = MembershipFactory(user=leaving, contact_name="张三")
    claim = ClaimFactory(
        user=leaving, enterprise=membership.enterprise, status="approved",
        decided_at=timezone.now(), contact_name="张三", message="我是张三",
    )  # fmt: skip
    application = ApplicationFactory(enterprise=membership.enterprise)
    letter = delivery(recipient=leaving, address=leaving.email)
    delivery(key="reset", address=leaving.email.upper(), text="", is_secret=True)
    waiting = delivery(
        key="waiting", recipient=leaving, address=leaving.email, state="waiting", sent_at=None
    )
    InvitationFactory(
        email=leaving.email, accepted_at=timezone.now(), accepted_by=leaving,
        enterprise=membership.enterprise,
    )  # fmt: skip
    elsewhere = Client()
    elsewhere.force_login(leaving)
    assert close(client).url == reverse("pages:home")
    assert elsewhere.get(HOME).status_code == 302
    assert client.get(HOME).status_code == 302
    user = User.objects.get(pk=leaving.pk)
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert user.username == f"已注销{user.pk}"
    personal = ("zhangsan", "张三", "13800138000")
    assert [letter.to for letter in sent_letters()] == [["zhangsan@firm.example"]]
    tidy(timezone.now())
    for model in (User, Claim, Membership, Invitation, Delivery, EmailAddress):
        assert not [row for row in model.objects.values_list() if _holds(row, personal)]
        if hasattr(model, "history"):
            rows = model.history.values_list()
            assert not [row for row in rows if _holds(row, personal)], model
    assert user.history.first().history_change_reason == "本人注销账户"
    assert Membership.history.filter(user=user).first().history_type == "-"
    claim.refresh_from_db()
    assert claim.user == user
    assert Delivery.objects.get(pk=letter.pk).state == "sent"
    assert Delivery.objects.get(pk=waiting.pk).state == "failed"
    application.refresh_from_db()


def test_closing_reaches_letters_to_earlier_addresses_what_waits_and_the_admins_log(
    client, leaving
):
    """The outbox may stand still while somebody leaves: no way into the account goes out after."""
    at_first = leaving.email
    confirm_address(leaving, "zhangsan@second.example")
    leaving.refresh_from_db()
    delivery(key="first", address=at_first)
    Client().post(reverse("account_reset_password"), {"email": leaving.email})
    reset = Delivery.objects.get(subject="设置新密码")
    invited = delivery(
        key="invitation:7", address=leaving.email, text="", state="waiting", sent_at=None
    )
    LogEntry.objects.log_actions(UserFactory().pk, [leaving], CHANGE, "改了手机号码")
    close(client)
    reset.refresh_from_db()
    assert (reset.state, reset.address, reset.text) == ("failed", "", "")
    assert Delivery.objects.get(key="first").address == ""
    # What another firm writes is no matter of the account.
    assert Delivery.objects.get(pk=invited.pk).state == "waiting"
    assert LogEntry.objects.get().object_repr == f"已注销{leaving.pk}"


def test_letters_of_whoever_has_an_earlier_address_today_stay(client, leaving):
    confirm_address(leaving, "zhangsan@second.example")
    leaving.refresh_from_db()
    FirmUserFactory(email="zhangsan@firm.example")
    letter = delivery(address="zhangsan@firm.example")
    close(client)
    letter.refresh_from_db()
    assert letter.address == "zhangsan@firm.example"


def test_a_closed_account_leaves_neither_second_factor_nor_a_trace_in_the_browser(client, leaving):
    give_app(leaving)
    other = UserFactory()
    kept = give_app(other)
    client.logout()
    log_in(client, other, kept)
    client.post(reverse("account_logout"))
    log_in(client, leaving, Authenticator.objects.get(user=leaving, type="totp"))
    # Both logged in from this browser; what it knows of the other stays.
    assert _known(client, leaving)
    assert close(client).url == reverse("pages:home")
    assert not Authenticator.objects.filter(user=leaving).exists()
    assert Authenticator.objects.filter(user=other).count() == 2
    assert not _known(client, leaving)
    assert _known(client, other)


def test_the_last_account_of_a_browser_takes_the_whole_cookie_along(client, leaving):
    client.logout()
    log_in(client, leaving)
    assert client.cookies[COOKIE].value
    close(client)
    assert not client.cookies[COOKIE].value


def _known(client, user):
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return device_of(request, user)


def test_own_data_says_which_factors_there_are_and_no_secret(client, leaving):
    app = give_app(leaving)
    text = client.get(DATA).content.decode()
    assert [row["种类"] for row in json.loads(text)["二次验证"]] == ["recovery_codes", "totp"]
    assert app.data["secret"] not in text


def _holds(row, texts):
    return any(text in str(value) for value in row for text in texts)


def test_whoever_left_may_come_again_as_somebody_new(client, leaving):
    close(client)
    client.post(reverse("account_signup"), {"email": "zhangsan@firm.example"})
    assert sent_letters()[-1].subject == "请继续注册企业账户"


@pytest.mark.parametrize("password", ["", "wrong"])
def test_closing_takes_the_password(client, leaving, password):
    response = close(client, password)
    assert response.context["form"].errors["password"]
    leaving.refresh_from_db()
    assert leaving.is_active


def test_the_last_owner_is_told_what_follows(client, leaving):
    shared = MembershipFactory(enterprise__name="还有别的管理员公司")
    MembershipFactory(user=leaving, enterprise=shared.enterprise)
    alone = MembershipFactory(
        user=leaving, enterprise__credit_code="91140522MA0K00003X", enterprise__name="只有他公司"
    )
    warned = client.get(CLOSE).content.decode()
    assert "唯一的管理员" in warned
    assert "<li>只有他公司</li>" in warned
    assert "<li>还有别的管理员公司</li>" not in warned
    close(client)
    assert not Membership.objects.filter(enterprise=alone.enterprise).exists()
    assert Membership.objects.get() == shared


def test_staff_do_not_close_their_accounts(client):
    client.force_login(UserFactory(password=hashed(PASSWORD)))
    assert client.get(CLOSE).status_code == 403
    assert close(client).status_code == 403


def test_the_history_of_whoever_has_an_account_is_not_touched(leaving):
    history = models.QuerySet(User.history.model).filter(id=leaving.pk)
    nobody = dict.fromkeys(PERSONAL_FIELDS, "") | {"username": f"已注销{leaving.pk}"}
    with pytest.raises(IntegrityError), transaction.atomic():
        history.update(**nobody)
    columns = {field.column for field in User.history.model._meta.concrete_fields}
    assert columns == {*PERSONAL_FIELDS, *USER_HISTORY_FIELDS}


def test_what_the_service_writes_is_for_the_service_alone(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700


def test_the_page_tells_how_long_backups_hold_what_was_deleted(client, settings):
    settings.BACKUP_FOLDER, settings.BACKUP_KEEP = "/srv/backups", 9
    page = client.get(PRIVACY).content.decode()
    assert (
        "已经删除的在备份里还会留一段时间：网站每天备份一次，只留最近 9 份，约 9 天后才没有" in page
    )
    settings.BACKUP_FOLDER = ""
    page = client.get(PRIVACY).content.decode()
    assert "已经删除的在备份里还会留一段时间：要到那份备份被销毁时才没有" in page
