"""What two editors do to an edition, for tests that need it done and are about something else.

One proposes and another confirms, as the database wants it; then the service of the catalogue does
it. How editors go about it on their pages, tests/policies/editors/test_edition_proposals.py tells.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from policies.catalogue import editions
from policies.catalogue.editions import locked_programme
from policies.catalogue.models import Edition
from policies.editors.edition_proposals import digest_now
from policies.editors.models import EditionProposal
from portal import acts_of_two
from portal.models import User


def agree(edition: Edition, act: str, day: date | None = None, **fields: str) -> EditionProposal:
    """A proposal that a second person has confirmed."""
    one, other = (
        User.objects.get_or_create(username=name, defaults={"is_active": False})[0]
        for name in ("一位编辑", "另一位编辑")
    )
    proposal = EditionProposal.objects.create(
        edition=edition,
        subject=str(edition),
        jurisdiction_code=edition.programme.area_id,
        act=act,
        day=day or edition.effective_from,
        own_end=edition.own_end,
        proposed_by=one,
        proposed_at=timezone.now(),
        **{"digest": edition.digest or digest_now(edition), "reason": "测试", **fields},
    )
    return acts_of_two.confirm(proposal, actor=other, now=timezone.now())


@transaction.atomic
def publish_edition(edition: Edition) -> None:
    locked_programme(edition.programme_id)
    agree(Edition.objects.get(pk=edition.pk), "publish")
    editions.publish_edition(edition)


@transaction.atomic
def publish_correction(draft: Edition, *, reason: str, now: datetime) -> None:
    locked_programme(draft.programme_id)
    agree(Edition.objects.get(pk=draft.pk), "correct")
    editions.publish_correction(draft, reason=reason, now=now)


@transaction.atomic
def retire_edition(edition: Edition, *, reason: str, day: date, now: datetime) -> None:
    locked_programme(edition.programme_id)
    agree(edition, "retire", day)
    editions.retire_edition(edition, reason=reason, day=day, now=now)


@transaction.atomic
def withdraw_edition(edition: Edition, *, reason: str, now: datetime) -> None:
    locked_programme(edition.programme_id)
    agree(edition, "withdraw")
    editions.withdraw_edition(edition, reason=reason, now=now)
