"""A firm applies: its profile, the page as its browser would send it, and an application sent."""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft
from applications.enterprises.services.profile import record_answers
from policies.catalogue.models import Edition
from policies.rules.answers import parse_answers
from tests.factories import MembershipFactory, SelfCheckFactory
from tests.policies.packs import facts

CHINA = ZoneInfo("Asia/Shanghai")
# What makes 小升规 fit; the firm's county is known from its record.
ANSWERS = {
    key: value for key, value in SelfCheckFactory.build().answers.items() if "county" not in key
}
CONTACT = {"contact_name": "办公室", "contact_telephone": "0356-7000000"}


def tell_profile(member, answers=ANSWERS, subject=None, now=None):
    now = now or timezone.now()
    record_answers(
        enterprise=member.enterprise,
        subject=subject,
        answers=parse_answers(answers, facts(), timezone.localdate(now)),
        facts=facts(),
        now=now,
        given_by=member.user,
    )


def member_of(profile=ANSWERS, **fields):
    """A member of 沁水县测试制造有限公司, whose profile holds what 小升规 needs."""
    member = MembershipFactory(**fields)
    tell_profile(member, profile)
    return member


def address(programme="jc-xsg", name="apply", **query):
    url = reverse(f"firm:{name}", args=[programme])
    return f"{url}?{urlencode(query)}" if query else url


def page_data(client, url):
    """What the page's form would send as it stands, without files."""
    context = client.get(url).context
    forms, filling = context["forms"], context["filling"]
    data = {
        "seen": filling.seen,
        "asked": ",".join(forms.asked),
        "version": context["version"],
        "unmet_seen": forms.commitment.unmet_now,
        **{name: forms.contact[name].value() for name in CONTACT},
    }
    for key in forms.asked:
        name = key.replace(".", "__")
        value = forms.questions[name].value()
        if value not in (None, "", []):
            data[name] = value
    for field in forms.materials:
        if not field.name.endswith("_new") and field.value():
            data[field.name] = field.value()
    return data


def send(client, url=None, **changes):
    """Open the form and hand it in; a change to None leaves the name out."""
    url = url or address()
    data = {**page_data(client, url), "truthful": "on", **changes}
    return client.post(url, {name: value for name, value in data.items() if value is not None})


def handed_in(member=None, **changes):
    """An application of a firm that fits, sent through the page."""
    client = Client()
    client.force_login((member or member_of()).user)
    response = send(client, **changes)
    assert response.status_code == 302, response.context["problem"]
    return Application.objects.latest("pk")


def draft(**fields):
    return ApplicationDraft.objects.get(**fields)


def edition_of(programme="jc-xsg"):
    return Edition.objects.in_force(timezone.localdate()).get(programme=programme)


def at(*when):
    return datetime(*when, tzinfo=CHINA)


def in_bulk(action, *cases):
    """What the page sends that asks before an action on several cases, all of them ticked."""
    for case in cases:
        case.refresh_from_db()
    return {
        "action": action,
        "confirmed": "1",
        "_selected_action": [case.pk for case in cases],
        **{f"seen_{case.pk}": case.version for case in cases},
    }
