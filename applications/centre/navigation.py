"""The lists of the admin in the order in which a centre's work goes through them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from applications.centre.workbench import WaitingWork

SETTINGS = "设置"
# Where each list belongs, the most used first; what is not named here is among the settings.
GROUPS = {
    "申报": ("cases.application", "cases.expertassignment", "cases.message"),
    "公示": ("notices.notice",),
    "认定": ("notices.recognition",),
    "奖补": ("money.awardline",),
    "支付": ("money.paymentbatch", "money.fund", "money.singlepersonpermit"),
    "名单": ("centre.sheetimport", "centre.exportlog", "centre.officelist"),
    "企业": ("enterprises.enterprise", "enterprises.claim", "enterprises.bankaccount"),
    "政策": (
        "catalogue.programme",
        "catalogue.edition",
        "catalogue.document",
        "catalogue.fact",
        "catalogue.conflict",
        "editors.proposedchange",
        "pages.errorreport",
    ),
    SETTINGS: ("portal.user", "cases.calendarday", "cases.publishedyear", "portal.delivery"),
}
_group_of = {label: title for title, labels in GROUPS.items() for label in labels}


@dataclass(frozen=True)
class Group:
    """`lists` are the entries of the admin's own index (`name`, `admin_url`, `add_url`)."""

    title: str
    waiting: Sequence[WaitingWork]
    lists: Sequence[Mapping[str, Any]]


def groups_of(app_list: Iterable[Mapping[str, Any]], work: Iterable[WaitingWork]) -> list[Group]:
    """What the user may open, and what waits there; no group without either."""
    entries = {
        entry["model"]._meta.label_lower: entry for app in app_list for entry in app["models"]
    }
    waiting: dict[str, list[WaitingWork]] = {title: [] for title in GROUPS}
    for each in work:
        waiting[_group_of.get(each.model, SETTINGS)].append(each)
    lists: dict[str, list[Mapping[str, Any]]] = {
        title: [entries.pop(label) for label in labels if label in entries]
        for title, labels in GROUPS.items()
    }
    lists[SETTINGS] += entries.values()
    found = [Group(title, waiting[title], lists[title]) for title in GROUPS]
    return [group for group in found if group.waiting or group.lists]


def menu_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Each group's title, and the first of its lists that the user may open; without a query."""
    found = []
    for title, labels in GROUPS.items():
        for label in labels:
            model = apps.get_model(label)
            if admin.site.get_model_admin(model).has_module_permission(request):
                name = label.replace(".", "_")
                found.append((title, reverse(f"admin:{name}_changelist")))
                break
    return found
