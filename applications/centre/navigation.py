"""The lists of the admin in the order in which a centre's work goes through them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.cache import caches
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import (
    Application,
    CalendarDay,
    ExpertAssignment,
    Message,
    PublishedYear,
)
from applications.centre.models import AuditRecord, ExportLog, Figures, OfficeList, SheetImport
from applications.centre.workbench import WaitingWork, waiting_work
from applications.enterprises.models import BankAccount, Claim, Enterprise, EnterpriseChange
from applications.impact.models import Run
from applications.money.models import AwardLine, Fund, PaymentBatch, Reclaim, SinglePersonPermit
from applications.notices.models import Notice, Recognition, Revocation
from policies.catalogue.models import (
    Call,
    Clause,
    Conflict,
    Document,
    Edition,
    Fact,
    Formula,
    Office,
    Programme,
    Synonym,
)
from policies.editors.models import EditionProposal, PackImport, ProposedChange
from policies.pages.models import ErrorReport
from portal.models import Delivery, User

SETTINGS = "设置"
# All pages show in the menu how much waits, and to count it takes a query or two a kind: the figures of
# each reader are kept for a minute, in which their own work does not change them yet.
MENU_SECONDS = 60
# Where each list belongs, the most used first; what is not named here is among the settings.
GROUPS: dict[str, tuple[type[Model], ...]] = {
    "申报": (Application, Call, ExpertAssignment, Message),
    "公示": (Notice,),
    "认定": (Recognition, Revocation),
    "奖补": (AwardLine, Reclaim),
    "支付": (PaymentBatch, Fund, SinglePersonPermit),
    "名单": (SheetImport, ExportLog, OfficeList),
    "企业": (Enterprise, Claim, EnterpriseChange, BankAccount),
    "统计": (Figures,),
    "审计": (AuditRecord,),
    "政策": (
        Programme,
        Edition,
        Run,
        Document,
        Clause,
        Fact,
        Formula,
        Conflict,
        Office,
        Synonym,
        EditionProposal,
        ProposedChange,
        PackImport,
        ErrorReport,
    ),
    SETTINGS: (User, CalendarDay, PublishedYear, Delivery),
}
_group_of = {model._meta.label_lower: title for title, models in GROUPS.items() for model in models}


@dataclass(frozen=True)
class Group:
    """`lists` are the entries of the admin's own index (`name`, `admin_url`, `add_url`)."""

    title: str
    waiting: Sequence[WaitingWork]
    lists: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Entry:
    """A group in the menu: where it leads, how much waits in it, and what of that presses."""

    title: str
    address: str
    count: int
    pressing: Sequence[WaitingWork]


def work_waiting(request: HttpRequest) -> list[WaitingWork]:
    """What waits for the reader: as it is now on the first page, up to a minute old on others."""
    found = getattr(request, "work_waiting", None)
    if found is not None:
        return found
    key = f"work-waiting-{request.user.pk}"
    if request.path != reverse("admin:index"):
        found = caches["pages"].get(key)
    if found is None:
        found = waiting_work(request.user, timezone.localdate())
        caches["pages"].set(key, found, MENU_SECONDS)
    request.work_waiting = found
    return found


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


def _may_open(model_admin: admin.ModelAdmin, request: HttpRequest) -> bool:
    """As the admin's own index has it: a right to one list of an app opens no other."""
    may = model_admin.get_model_perms(request).values()
    return model_admin.has_module_permission(request) and any(may)


def menu_of(request: HttpRequest) -> list[Entry]:
    """Each group, with the first of its lists that the user may open."""
    found = []
    waiting: dict[str, list[WaitingWork]] = {title: [] for title in GROUPS}
    for each in work_waiting(request):
        waiting[_group_of.get(each.model, SETTINGS)].append(each)
    for title, models in GROUPS.items():
        for model in models:
            if _may_open(admin.site.get_model_admin(model), request):
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
                count = sum(each.count for each in waiting[title] if not each.is_told)
                pressing = [each for each in waiting[title] if each.beside and each.count]
                found.append(Entry(title, reverse(name), count, pressing))
                break
    return found
