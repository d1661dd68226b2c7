"""不到 1 秒，与申报多少无关；期间不能打开政策页面、测算、申报和编辑项目。联系方式里同一地区、同名、同电话的科室合并成一条，合并了多少会显示出来。"""

from collections.abc import Iterable
from typing import Any

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

MERGED = "由联系方式合并而来：{count} 个项目的联系方式用这个科室"
POINTS_TO_OFFICE = "联系方式改为引用科室，地区、科室和电话没有变"
TELEPHONE = models.CharField(
    "电话",
    max_length=60,
    blank=True,
    validators=[
        django.core.validators.RegexValidator(
            "(^|[^0-9-])1[3-9][0-9]([ -]?[0-9]){8}($|[^0-9])",
            "请填办公电话，不公开手机号码。",
            inverse_match=True,
        )
    ],
)


def merge_offices(apps: Any, schema_editor: Any) -> None:
    """Each office once, by place, name and telephone; what packs loaded of contacts is told anew.

    A contact's own note stays with it. The history keeps its old rows as they are.
    """
    if schema_editor.connection.vendor == "postgresql":
        # Else what is checked at the end would stand in the way of the columns that go.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    of = {name: apps.get_model("catalogue", name) for name in ("Office", "Contact", "PackedRow")}
    past = {name: apps.get_model("catalogue", f"Historical{name}") for name in ("Office", "Contact")}
    contacts = list(of["Contact"].objects.order_by("pk"))
    now, together = timezone.now(), {}
    for contact in contacts:
        key = (contact.jurisdiction_id, contact.office_name, contact.telephone)
        together.setdefault(key, []).append(contact)
    for (place, name, telephone), rows in together.items():
        fields = {"jurisdiction_id": place, "name": name, "telephone": telephone}
        office = of["Office"].objects.create(**fields)
        past["Office"].objects.create(
            id=office.pk, history_date=now, history_type="+",
            history_change_reason=MERGED.format(count=len(rows)), **fields,
        )  # fmt: skip
        for contact in rows:
            contact.office = office
            contact.save(update_fields=["office"])
            past["Contact"].objects.create(
                id=contact.pk, programme_id=contact.programme_id, office_id=office.pk,
                note=contact.note, history_date=now, history_type="~",
                history_change_reason=POINTS_TO_OFFICE,
            )  # fmt: skip
    offices = {key: rows[0].office_id for key, rows in together.items()}
    _tell_packed_anew(of["PackedRow"], offices)
    if contacts:
        print(f"\n    {len(contacts)} 条联系方式里的科室合并为 {len(together)} 个", end="")  # noqa: T201


def _tell_packed_anew(packed_rows: Any, offices: dict[tuple[str, str, str], int]) -> None:
    """What packs put last, so that a later load still tells what editors have changed since.

    An office whose telephone an editor changed everywhere is the one of its place and name.
    """
    known: dict[str, tuple[int, dict[str, Any]]] = {}
    for row in packed_rows.objects.filter(kind="contact").order_by("pk"):
        was = row.loaded
        place, name, telephone = (was.get(key, "") for key in ("jurisdiction_id", "office", "telephone"))
        pk = offices.get((place, name, telephone)) or _one_of(offices, place, name)
        row.loaded = {"office_id": pk, "note": was.get("note", "")}
        row.save()
        if pk and pk not in {each for each, _ in known.values()}:
            key = f"{place}/{name}"
            loaded = {"id": pk, "jurisdiction_id": place, "name": name, "telephone": telephone}
            known.setdefault(key if key not in known else f"{key}/{telephone}", (pk, loaded))
    packed_rows.objects.bulk_create(
        packed_rows(kind="office", key=key, loaded=loaded) for key, (_, loaded) in known.items()
    )


def _one_of(offices: dict[tuple[str, str, str], int], place: str, name: str) -> int | None:
    found: Iterable[int] = (pk for (code, own, _), pk in offices.items() if (code, own) == (place, name))
    return next(iter(found), None)


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0010_formulas"),
        ("portal", "0002_delivery_unsubscribe_address"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="科室")),
                ("telephone", TELEPHONE.clone()),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("note", models.CharField(blank=True, help_text="对每个项目都适用的，如办公时间。", max_length=300, verbose_name="说明")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("jurisdiction", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="offices", to="portal.jurisdiction", verbose_name="行政区划")),
            ],
            options={
                "verbose_name": "科室和电话",
                "verbose_name_plural": "科室和电话",
                "ordering": ["jurisdiction", "name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("jurisdiction", "name", "telephone"), name="office_is_told_once", violation_error_message="这个地区已有同名、同电话的科室，请用那一条。"),
                    models.CheckConstraint(condition=models.Q(("telephone__regex", "(^|[^0-9-])1[3-9][0-9]([ -]?[0-9]){8}($|[^0-9])"), _negated=True), name="office_telephone_is_no_mobile", violation_error_message="请填办公电话，不公开手机号码。"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalOffice",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="科室")),
                ("telephone", TELEPHONE.clone()),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="地址")),
                ("note", models.CharField(blank=True, help_text="对每个项目都适用的，如办公时间。", max_length=300, verbose_name="说明")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("history_user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("jurisdiction", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="portal.jurisdiction", verbose_name="行政区划")),
            ],
            options={
                "verbose_name": "科室变更",
                "verbose_name_plural": "科室变更",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AlterModelOptions(
            name="contact",
            options={"ordering": ["programme", "id"], "verbose_name": "联系方式", "verbose_name_plural": "联系方式"},
        ),
        migrations.RemoveConstraint(model_name="contact", name="contact_telephone_is_no_mobile"),
        migrations.RenameField(model_name="contact", old_name="office", new_name="office_name"),
        migrations.AddField(
            model_name="contact",
            name="office",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="catalogue.office", verbose_name="科室和电话"),
        ),
        migrations.RenameField(model_name="historicalcontact", old_name="office", new_name="office_name"),
        migrations.AlterField(
            model_name="historicalcontact",
            name="office_name",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="科室"),
        ),
        migrations.AlterField(
            model_name="historicalcontact",
            name="telephone",
            field=models.CharField(blank=True, default="", max_length=60, verbose_name="电话"),
        ),
        migrations.AddField(
            model_name="historicalcontact",
            name="office",
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="catalogue.office", verbose_name="科室和电话"),
        ),
        migrations.RunPython(merge_offices),
        migrations.RemoveField(model_name="contact", name="jurisdiction"),
        migrations.RemoveField(model_name="contact", name="office_name"),
        migrations.RemoveField(model_name="contact", name="telephone"),
        migrations.AlterField(
            model_name="contact",
            name="office",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="catalogue.office", verbose_name="科室和电话"),
        ),
        migrations.AlterModelOptions(
            name="contact",
            options={"ordering": ["programme", "office__jurisdiction", "id"], "verbose_name": "联系方式", "verbose_name_plural": "联系方式"},
        ),
    ]
