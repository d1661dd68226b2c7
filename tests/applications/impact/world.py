"""An invented world: firms with profiles of all kinds, a draft of a programme, and people who look."""

from datetime import date, timedelta
from random import Random

from django.contrib.auth.models import Group
from django.utils import timezone

from applications.enterprises.models import Enterprise, ProfileAnswer
from applications.impact.services.plans import content_of
from applications.impact.services.runs import ask_for_run
from policies.catalogue.content import write_content
from policies.catalogue.current import facts
from policies.catalogue.models import Document, Edition
from policies.rules.assessment import plain_values
from policies.rules.years import dated
from tests.bench.peers import firms as invented
from tests.factories import UserFactory


def editor(code="140500", role="政策编辑", **fields):
    user = UserFactory(permissions=[], jurisdiction_code=code, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def keys_of(*programmes):
    """What the editions of programmes ask for, and the industry as firms name it."""
    from policies.catalogue.current import editions_in_force

    editions = editions_in_force(timezone.localdate(), programmes)
    keys = {key for edition in editions for key in edition.fact_keys}
    return sorted(keys | {"industry.section", "industry.division", "base.tenants", "base.small_micro_tenants"})  # fmt: skip


def firms_with_profiles(count, keys, *, unknown=0.3, seed=5):
    """Firms of five counties with random answers, now and then said anew or taken back."""
    random, now = Random(seed), timezone.now()
    said = invented.firms(keys, facts(), timezone.localdate(), count, unknown)
    start = Enterprise.objects.count()
    made = Enterprise.objects.bulk_create(
        Enterprise(
            name=f"测试企业{start + number:04d}",
            credit_code=f"TESTFIRM{start + number:010d}",
            county_id=random.choice(invented.COUNTIES),
        )
        for number in range(count)
    )
    rows = []
    for firm, answers in zip(made, said, strict=True):
        for key, value in plain_values(answers).items():
            stem, year = dated(key, timezone.localdate().year)
            place = {"enterprise": firm, "fact_key": stem, "year": year}
            given_at = now - timedelta(days=random.choice((1, 30, 800)))
            if random.random() < 0.1:
                rows.append(ProfileAnswer(**place, value=value, given_at=given_at))
                value = random.choice((None, value))
            rows.append(ProfileAnswer(**place, value=value, given_at=given_at))
    ProfileAnswer.objects.bulk_create(rows)
    return made


def draft_of(programme, day="2027-01-01", **changes):
    """A draft for that day with the content of what stands; `changes` are values by path."""
    standing = Edition.objects.standing().filter(programme=programme).latest("effective_from")
    draft = Edition.objects.create(
        programme=standing.programme, effective_from=date.fromisoformat(day)
    )
    content = content_of(standing)
    for path, value in changes.items():
        owner = content
        *names, last = path.split("/")
        for name in names:
            owner = owner[int(name)] if isinstance(owner, list) else owner[name]
        owner[int(last) if isinstance(owner, list) else last] = value
    documents = {row.number: row for row in Document.objects.all()}
    write_content(draft, content, documents)
    return draft


def asked(draft, user, *, as_of_today=True):
    now = timezone.now()
    return ask_for_run(
        draft, user=user, now=now, today=timezone.localdate(now), as_of_today=as_of_today
    )
