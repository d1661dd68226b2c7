#!/usr/bin/env python3
"""Run the portal's commands."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, InterfaceError

# These go on running, or send something: they first ask whether they may.
SERVING = {"runserver", "worker", "send_waiting", "daily"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if SERVING & set(sys.argv[1:2]) and "--help" not in sys.argv:
        django.setup()
        from portal.start import check_start

        check_start()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except ImproperlyConfigured as error:
        # What a setting has wrong is one sentence; developers ask for more.
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except (DatabaseError, InterfaceError) as error:
        from portal.database_words import database_in_words, is_for_operators

        if "--traceback" in sys.argv or not is_for_operators(error):
            raise
        sys.exit(database_in_words(error))
