"""Fill an empty database and show who can log in."""

import os
import sys

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
    django.setup()
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from portal.settings import DATA_DIR
    from tests.demo.accounts import table_of
    from tests.demo.around import last_self_check
    from tests.demo.fill import RefusedError, fill, prepare, refuse_unless_empty

    try:
        refuse_unless_empty()
    except RefusedError as error:
        sys.exit(f"make demo: {error}")
    prepare()
    sheet = DATA_DIR / "demo-recognitions.csv"
    DATA_DIR.mkdir(exist_ok=True)
    accounts = fill(timezone.now(), sheet)
    print(f"\n{table_of(accounts)}\n")
    print("These passwords are shown only now. Start the site with `make run`, then log in at")
    print(f"  {settings.SITE_URL}{reverse('account_login')}")
    print(f"A recognised list to import: {sheet}")
    print(f"The short code of a self-check: {last_self_check().code_in_halves}")


if __name__ == "__main__":
    main()
