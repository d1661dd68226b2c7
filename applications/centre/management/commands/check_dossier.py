"""Tell whether a dossier that comes back is as it left the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from applications.centre.audit.dossier_checks import check_dossier
from portal.sealed.checking import NotSealedError

CANNOT_OPEN = "打不开 {path}：{error}"


class Command(BaseCommand):
    help = (
        "Check a sealed dossier: each file against the manifest, the manifest against its seal and the"
        " record of exports. Exit 1 where anything was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                found = check_dossier(file)
        except OSError as error:
            told = CANNOT_OPEN.format(path=options["file"], error=error.strerror)
            raise CommandError(told) from error
        except NotSealedError as error:
            raise CommandError(str(error)) from error
        lines = [*found.words, *(f"{name}：{what}" for name, what in found.files)]
        if not found.is_intact:
            raise CommandError("\n".join(lines))
        self.stdout.write("\n".join([found.title, *lines]))
