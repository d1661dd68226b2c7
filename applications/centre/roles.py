"""The roles of staff: Django groups whose permissions are written here and kept so."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.apps import apps as current_apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils import translation

# Whatever has rows to look at.
ROOMS = (
    "portal", "catalogue", "self_check", "pages", "editors", "enterprises", "cases", "money",
    "notices", "impact", "centre",
)  # fmt: skip
ACTIONS = {"add": "增加", "change": "修改", "delete": "删除", "view": "查看"}
READ, WRITE = ("view",), ("view", "add", "change", "delete")


@dataclass(frozen=True)
class Role:
    """A group of that name; `meaning` tells whoever chooses it what it is for."""

    name: str
    meaning: str
    permissions: frozenset[str]


def _permissions(app: str, models: str, actions: Iterable[str]) -> frozenset[str]:
    """`app_label.codename` for each of these models, named with spaces between."""
    return frozenset(f"{app}.{action}_{model}" for model in models.split() for action in actions)


def _everything_to_read() -> frozenset[str]:
    """To view every model of the project that can be viewed, with its history."""
    models = {
        room: " ".join(
            model._meta.model_name
            for model in current_apps.get_app_config(room).get_models()
            if "view" in model._meta.default_permissions
        )
        for room in ROOMS
    }
    read = (_permissions(room, names, READ) for room, names in models.items())
    return frozenset().union({"auth.view_group"}, *read)


def roles() -> tuple[Role, ...]:
    """All roles; call it when the models are loaded."""
    return (
        Role(
            "审核员",
            "受理、审核本地区的申报，开放征集，核实企业认领，登记企业更名、迁移和合并，代企业填报，指派专家，办理公示、认定和撤销认定，导出名单。",
            _permissions("enterprises", "enterprise enterprisechange claim bankaccount", READ)
            | _permissions("cases", "application calendarday publishedyear", READ)
            | _permissions("catalogue", "call", READ)
            | _permissions("notices", "notice recognition revocation", READ)
            | _permissions("portal", "delivery", READ)
            | {
                "cases.decide_application",
                "cases.assign_experts",
                "catalogue.manage_calls",
                "centre.export_lists",
                "enterprises.decide_claim",
                "enterprises.fill_in_for_enterprise",
                "notices.manage_notices",
            },
        ),
        Role(
            "评审专家",
            "只看到指派给自己评审的申报，不含联系方式，并为它评分。",
            frozenset({"cases.score_application"}),
        ),
        Role(
            "政策编辑",
            "编辑本地区的项目，互相审核后发布、更正、停用和撤回，处理它们的报错；几地共用的指标、文件、同义词、区划和放假安排，"
            "由省级编辑改，或一人提出、另一地区的编辑确认；测算草稿的影响，试几个方案。看不到企业的档案和申报，"
            "只在影响测算里看得到本地区受影响企业的名称和结论。",
            _permissions(
                "catalogue",
                "programme edition criterion award tranche citation example material step contact window"
                " document clause conflict fact formula office synonym",
                WRITE,
            )
            | _permissions("portal", "jurisdiction", WRITE)
            | _permissions("editors", "editionproposal proposedchange packimport", READ)
            | _permissions("pages", "errorreport", ("view", "change"))
            | _permissions("cases", "calendarday publishedyear", WRITE)
            | _permissions("impact", "run", ("view", "add"))
            | _permissions("impact", "affected", READ),
        ),
        Role(
            "用户管理",
            "管理本地区职员的账号：新建、停用、定所管地区、给不超出自己权限的角色；"
            "许可下级单位单人办理支付。看不到企业和申报。",
            _permissions("portal", "user", ("view", "add", "change"))
            | _permissions("money", "singlepersonpermit", READ)
            | {"money.grant_permits"},
        ),
        Role(
            "财务",
            "办理本地区的奖补核定、预算、支付和追回，核对企业的收款账户，查看申报、企业和认定，导出名单并定它们的格式；不审核。",
            _permissions("enterprises", "enterprise enterprisechange bankaccount", READ)
            | _permissions("cases", "application", READ)
            | _permissions("catalogue", "call", READ)
            | _permissions("notices", "recognition revocation", READ)
            | _permissions("money", "awardline fund reclaim singlepersonpermit", READ)
            | _permissions("centre", "officelist", WRITE)
            | {
                "centre.export_lists",
                "enterprises.handle_bank_account",
                "money.manage_awards",
                "money.pay_awards",
            },
        ),
        Role(
            "负责人",
            "看本地区的统计、企业自测的汇总和影响测算，查看申报、企业、认定、奖补和资金，导出名单；不办理。",
            _permissions("enterprises", "enterprise", READ)
            | _permissions("cases", "application", READ)
            | _permissions("notices", "recognition revocation", READ)
            | _permissions("money", "awardline fund reclaim", READ)
            | _permissions("centre", "figures", READ)
            | _permissions("impact", "run affected", READ)
            | {"centre.export_lists"},
        ),
        Role(
            "审计",
            "只读：本地区的申报、企业、公示和用户，全部政策，连同变更历史；做封存的案卷，按种子抽样，"
            "查谁一人办了两步，核对导出的文件；可以导出名单，什么也不能改。",
            _everything_to_read() | {"centre.export_lists"},
        ),
    )


def keep_roles(app: AppConfig) -> None:
    """Make the groups after every migration of the last room; all permissions exist by then."""
    post_migrate.connect(_make_roles, sender=app, dispatch_uid="centre.roles")


def _make_roles(
    *, apps: Any = current_apps, using: str = DEFAULT_DB_ALIAS, **kwargs: object
) -> None:
    """Give each group exactly its permissions; other groups are left alone."""
    try:
        group_model, permission_model = (
            apps.get_model("auth", "Group"),
            apps.get_model("auth", "Permission"),
        )
    except LookupError:
        # Migrated back to before there were groups.
        return
    _name_permissions(permission_model, using)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.using(using).select_related("content_type")
    }
    for role in roles():
        group, _ = group_model.objects.using(using).get_or_create(name=role.name)
        # A permission whose model is not migrated yet comes with its migration.
        group.permissions.set([known[name] for name in role.permissions if name in known])


def _name_permissions(permission_model: Any, using: str) -> None:
    """Name in Chinese what Django calls “Can add …”: it is read where rights are given."""
    named = []
    # `migrate` speaks English; the names of Django's own models would be so too.
    with translation.override(settings.LANGUAGE_CODE):
        for permission in permission_model.objects.using(using).select_related("content_type"):
            action, _, model = permission.codename.partition("_")
            owner = permission.content_type
            if action not in ACTIONS or model != owner.model:
                continue
            try:
                verbose_name = current_apps.get_model(
                    owner.app_label, owner.model
                )._meta.verbose_name
            except LookupError:
                continue  # its model is gone
            name = f"{ACTIONS[action]}{verbose_name}"
            if permission.name != name:
                permission.name = name
                named.append(permission)
    permission_model.objects.using(using).bulk_update(named, ["name"])
