"""The lists of the admin in the order in which a centre's work goes through them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from applications.cases.models import (
    Application,
    CalendarDay,
    ExpertAssignment,
    Message,
    PublishedYear,
)
from applications.centre.models import ExportLog, Figures, OfficeList, SheetImport
from applications.centre.workbench import WaitingWork
from applications.enterprises.models import BankAccount, Claim, Enterprise
from applications.money.models import AwardLine, Fund, PaymentBatch, SinglePersonPermit
from applications.notices.models import Notice, Recognition
from policies.catalogue.models import Conflict, Document, Edition, Fact, Programme
from policies.editors.models import ProposedChange
from policies.pages.models import ErrorReport
from portal.models import Delivery, User

SETTINGS = "设置"
# Where each list belongs, the most used first; what is not named here is among the settings.
GROUPS: dict[str, tuple[type[Model], ...]] = {
    "申报": (Application, ExpertAssignment, Message),
    "公示": (Notice,),
    "认定": (Recognition,),
    "奖补": (AwardLine,),
    "支付": (PaymentBatch, Fund, SinglePersonPermit),
    "名单": (SheetImport, ExportLog, OfficeList),
    "企业": (Enterprise, Claim, BankAccount),
    "统计": (Figures,),
    "政策": (Programme, Edition, Document, Fact, Conflict, ProposedChange, ErrorReport),
    SETTINGS: (User, CalendarDay, PublishedYear, Delivery),
}
_group_of = {model._meta.label_lower: title for title, models in GROUPS.items() for model in models}


@dataclass(frozen=True)
class Group:
    """`lists` are the entries of the admin's own index (`name`, `admin_url`, `add_url`)."""

    title: str
    waiting: Sequence[WaitingWork]
    lists: Sequence[Mapping[str, Any]]


def groups_of(app_list: Iterable[Mapping[str, Any]], work: Iterable[WaitingWork]) -> list[Group]:
    """What the user may open, and what waits there; no group without either."""
    entries = {entry["model"]: entry for app in app_list for entry in app["models"]}
    waiting: dict[str, list[WaitingWork]] = {title: [] for title in GROUPS}
    for each in work:
        waiting[_group_of.get(each.model, SETTINGS)].append(each)
    lists: dict[str, list[Mapping[str, Any]]] = {
        title: [entries.pop(model) for model in models if model in entries]
        for title, models in GROUPS.items()
    }
    lists[SETTINGS] += entries.values()
    found = [Group(title, waiting[title], lists[title]) for title in GROUPS]
    return [group for group in found if group.waiting or group.lists]


def menu_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Each group's title, and the first of its lists that the user may open; without a query."""
    found = []
    for title, models in GROUPS.items():
        for model in models:
            if admin.site.get_model_admin(model).has_module_permission(request):
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
                found.append((title, reverse(name)))
                break
    return found
