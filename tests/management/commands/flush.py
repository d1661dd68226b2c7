"""Empty the database after a test that committed: only tests may, so the guards go first.

Django puts them back with the signal that it sends after flushing.
"""

from django.core.management.commands.flush import Command as Flush

from portal.triggers import owners, remove_triggers


class Command(Flush):
    def handle(self, **options):
        for owner in owners():
            remove_triggers(owner, using=options["database"])
        super().handle(**options)
