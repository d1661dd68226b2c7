"""Editors of several places, who are given their role as a centre gives it."""

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.catalogue.readiness import readiness_of
from policies.editors.models import EditionProposal
from tests.factories import JurisdictionFactory, UserFactory

JINCHENG, QINSHUI, YUNCHENG, PROVINCE = "140500", "140521", "140800", "140000"


def editor_of(code, **fields):
    """An editor of a place; of none where the code is empty."""
    user = UserFactory(jurisdiction_code=code, permissions=[], **fields)
    user.groups.add(Group.objects.get(name="政策编辑"))
    return user


def province():
    """山西省 in a world without the real catalogue, where only cities were made so far."""
    return JurisdictionFactory(code=PROVINCE, name="山西省", level="province")


def answers_to(draft, why="核对过文件"):
    """What a form sends that answers each question about a draft."""
    questions = readiness_of(draft, timezone.localdate()).questions
    ticks = {f"looked-{each.key}": "on" for each in questions}
    return ticks | {f"because-{each.key}": why for each in questions}


def approve(code=JINCHENG, **data):
    """Another editor of the place approves what waits: their answer, with the page that it leads to."""
    proposal, second = EditionProposal.objects.get(state="pending"), Client()
    rights = ["view_edition", "change_edition", "view_editionproposal"]
    second.force_login(UserFactory(permissions=rights, jurisdiction_code=code))
    page = reverse("admin:editors_editionproposal_approve", args=[proposal.pk])
    return second.post(page, {"seen": "yes", **data}, follow=True)
