#!/usr/bin/env python3
"""Run the portal's commands."""

import os
import sys

import django
from django.core.management import execute_from_command_line

# These go on running, or send something: they first ask whether they may.
SERVING = {"runserver", "worker", "send_waiting", "daily"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if SERVING & set(sys.argv[1:2]) and "--help" not in sys.argv:
        django.setup()
        from portal.start import UnsafeStartError, check_start

        try:
            check_start()
        except UnsafeStartError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)
