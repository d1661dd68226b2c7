"""Fills an empty database as `make demo` does, with thousands of cases more; prints who can log in.

It runs in a process of its own, with the settings of the demo.
"""

import json
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import django

CASES = 3000
# Most are decided long ago; one in four waits.
STATUSES = ("recognised", "recognised", "rejected", "submitted")


def main(sheet: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
    django.setup()
    from django.utils import timezone

    from policies.catalogue.models import Programme
    from tests.demo.fill import fill, prepare

    sys.stdout, said = sys.stderr, sys.stdout
    prepare()
    accounts = fill(timezone.now(), Path(sheet))
    waiting = more_cases(CASES)
    plan = {
        "accounts": {
            account.user.email.partition("@")[0]: {
                "login": account.user.email,
                "password": account.password,
                "secret": app_of(account.user) if account.user.is_staff else "",
            }
            for account in accounts
        },
        "programmes": list(Programme.objects.order_by("pk").values_list("pk", flat=True)),
        "waiting": waiting,
    }
    print(json.dumps(plan), file=said)


def app_of(user) -> str:
    """The secret of an app for codes that was set up."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    RecoveryCodes.activate(user)
    TOTP.activate(user, secret)
    return secret


def more_cases(count: int) -> dict[str, list[int]]:
    """Cases of many firms of 沁水 and 阳城, each like one of the demo that was just handed in.

    By reviewer, the rows of those that wait.
    """
    from applications.cases.models import Application
    from applications.enterprises.models import Enterprise
    from portal.models import Jurisdiction

    like = Application.objects.filter(status="submitted", edition__programme="jc-xsg").first()
    counties = list(Jurisdiction.objects.filter(pk__in=("140521", "140522")).order_by("pk"))
    firms = Enterprise.objects.bulk_create(
        Enterprise(
            credit_code=f"LOADCODE{number:010d}",
            name=f"{counties[number % 2].name}第{number}测试有限公司",
            county=counties[number % 2],
        )
        for number in range(count)
    )

    def case(number: int) -> Application:
        county, when = counties[number % 2], like.submitted_at - timedelta(minutes=number)
        return Application(
            reference=uuid.uuid4(),
            number=f"{county.pk}-{like.year}-9{number:05d}",
            enterprise=firms[number],
            enterprise_name=firms[number].name,
            edition=like.edition,
            county=county,
            contact_name="办公室",
            contact_telephone="0356-7000000",
            on=like.on,
            year=like.year,
            answers=like.answers | {"enterprise.county": county.pk},
            assessment=like.assessment,
            status=STATUSES[number // 2 % len(STATUSES)],
            submitted_at=when,
            arrived_at=when,
        )

    made = Application.objects.bulk_create(map(case, range(count)), batch_size=500)
    waiting = [case for case in made if case.status == "submitted"]
    return {
        reviewer: [case.pk for case in waiting if case.county_id == county]
        for reviewer, county in (("reviewer.qinshui", "140521"), ("reviewer.yangcheng", "140522"))
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
