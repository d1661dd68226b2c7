"""A process killed while an application is handed in: all of it is there afterwards, or nothing."""

import signal

import pytest

from tests.applications.cases.test_kill_safety import site  # noqa: F401 (the fixture)
from tests.processes import Site

HAND_IN = """
import django, os, signal
django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from django.db import transaction
from django.db.models.signals import post_delete
from django.test import Client
from applications.cases.models import ApplicationDraft
from tests.applying import ANSWERS, address, member_of, page_data
from tests.factories import LibraryFileFactory
from tests.policies.packs import load_catalogue

load_catalogue()
lacking = {key: value for key, value in ANSWERS.items() if not key.startswith("revenue")}
member = member_of(lacking)
licence = LibraryFileFactory(enterprise=member.enterprise)
client = Client()
client.force_login(member.user)
typed = {"revenue__main_business__y0": "2000", "material_other": [str(licence.reference)]}
client.post(address(name="apply-save"), {**page_data(client, address()), **typed})
data = {**page_data(client, address()), "truthful": "on"}
die = lambda **_: os.kill(os.getpid(), signal.SIGKILL)
if os.environ["KILLED"] == "before the commit":
    post_delete.connect(die, sender=ApplicationDraft)
elif os.environ["KILLED"] == "after the commit":
    post_delete.connect(lambda **_: transaction.on_commit(die), sender=ApplicationDraft, weak=False)
client.post(address(), data)
"""
AGAIN = """
import django
django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from django.test import Client
from applications.enterprises.models import Membership
from tests.applying import send
client = Client()
client.force_login(Membership.objects.get().user)
print(send(client).status_code)
"""
COUNT = """
import django
django.setup()
from applications.cases.models import *
from applications.enterprises.models import ProfileAnswer
print(*[model.objects.count() for model in (
    Application, ApplicationEvent, Attachment, Message, NumberSeries, ApplicationDraft)],
    ProfileAnswer.objects.filter(fact_key="revenue.main_business").count(),
    ApplicationDraft.objects.filter(answers__has_key="revenue.main_business.y0").count())
"""
# Applications, events, attachments, messages, series, drafts, answers, drafts with the answer.
NOTHING, ALL = "0 0 0 0 0 1 0 1", "1 1 1 1 1 0 1 0"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.night]


def counted(site: Site) -> str:  # noqa: F811
    done = site.run("-c", COUNT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("killed", "found"), [("before the commit", NOTHING), ("after the commit", ALL)]
)
def test_killed_while_handing_in(site, killed, found):  # noqa: F811
    done = site.run("-c", HAND_IN, KILLED=killed, SECURE_HTTPS="0")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert counted(site) == found
    if found == NOTHING:
        again = site.run("-c", AGAIN, SECURE_HTTPS="0")
        assert again.stdout.strip() == "302", again.stderr
        assert counted(site) == ALL


def test_not_killed_all_of_it_is_there(site):  # noqa: F811
    done = site.run("-c", HAND_IN, KILLED="", SECURE_HTTPS="0")
    assert done.returncode == 0, done.stderr
    assert counted(site) == ALL
