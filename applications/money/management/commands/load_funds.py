"""Add the funds that documents print; what staff have entered or changed stays as it is."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from applications.money.models import Fund


class Command(BaseCommand):
    help = "补上文件写明金额的资金；已有的不改，重复运行不会重复。"

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, help="默认是目录包里的 funds.yaml")

    @transaction.atomic
    def handle(self, *args, **options):
        file = options["file"] or settings.CATALOGUE_FOLDER / "funds.yaml"
        if not options["file"] and not file.exists():
            self.stdout.write("目录包里没有写资金（funds.yaml）。")
            return
        rows = yaml.safe_load(file.read_text(encoding="utf-8"))["funds"]
        new = sum(_add(row) for row in rows)
        self.stdout.write(f"资金：新增 {new}，已有 {len(rows) - new}")


def _add(row: dict[str, Any]) -> bool:
    """Add a fund with its parts, unless its place has one of that name; true where it was new."""
    fund, is_new = Fund.objects.get_or_create(
        name=row["name"],
        jurisdiction_id=row["jurisdiction"],
        defaults={
            "level": row["level"],
            "document_number": row["document"],
            "yearly": _amount(row),
        },
    )
    if is_new:
        fund.programmes.set(row.get("programmes", ()))
        for position, item in enumerate(row.get("parts", ()), start=1):
            part = fund.parts.create(
                position=position, name=item["name"], clause=item["clause"], yearly=_amount(item)
            )
            part.programmes.set(item["programmes"])
    return is_new


def _amount(row: dict[str, Any]) -> Decimal | None:
    return Decimal(str(row["yearly"])) if "yearly" in row else None
