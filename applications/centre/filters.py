"""Filters of the admin's lists; their choices are known without reading every case."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Max, Min, Q
from django.http import HttpRequest
from django.utils import timezone

from applications.cases.deadlines import DUE_SOON, Deadlines
from applications.cases.models import Application, ReviewRequest
from applications.cases.models.application import review_chain
from applications.cases.workflow import WITH_STAFF
from applications.money.models import Fund
from applications.money.services.award_lines import WITHOUT_TRANCHES
from policies.catalogue.models import Award, Call, Edition, Programme, Tranche
from policies.presentation.words import VERDICTS
from policies.rules.awards import UNSPLIT
from portal.models import Jurisdiction
from portal.scope import above_or_in_charge, in_charge


class NamedFilter(admin.RelatedFieldListFilter):
    """What the address names holds, also where there is nothing else to choose."""

    def has_output(self) -> bool:
        return bool(self.used_parameters) or super().has_output()


class CountyFilter(NamedFilter):
    """The counties that the user is in charge of, whether they have cases or not."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]]:
        counties = Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY)
        return list(counties.filter(in_charge(request.user, "code")).values_list("code", "name"))


class ProgrammeFilter(NamedFilter):
    """The programmes for firms of the user's jurisdiction, whether anybody applied or not."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, str]]:
        return list(self.programmes(request.user).values_list("pk", "name"))

    def programmes(self, user: Any) -> Any:
        return Programme.objects.filter(above_or_in_charge(user, "area"))


class CallFilter(NamedFilter):
    """The calls that count in the user's place, and the cases of none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = "不按征集"

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[int, str]]:
        calls = Call.objects.opened().visible_to(request.user)
        return list(calls.order_by("-opens_on", "-pk").values_list("pk", "title"))


class PayingProgrammeFilter(ProgrammeFilter):
    """Those whose editions have awards, whether anybody was granted one or not."""

    def programmes(self, user: Any) -> Any:
        return super().programmes(user).filter(pk__in=Award.objects.values("edition__programme"))


class FundFilter(NamedFilter):
    """The funds of the user's jurisdiction and of those above, whether they paid or not."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[int, str]]:
        funds = Fund.objects.filter(above_or_in_charge(request.user, "jurisdiction"))
        return list(funds.values_list("pk", "name"))


class TitleFilter(admin.SimpleListFilter):
    """The titles that the catalogue has; lines of several years would all have to be read."""

    title = "期次"
    parameter_name = "title"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = set(Tranche.objects.order_by().values_list("title", flat=True).distinct())
        known |= {UNSPLIT, WITHOUT_TRANCHES, *self.used_parameters.values()}
        return [(title, title) for title in sorted(known)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(title=self.value()) if self.value() else queryset


class YearFilter(admin.SimpleListFilter):
    """The years from the first to the last that the model has; both ends come from its index."""

    title = "年度"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = model_admin.model.objects.aggregate(first=Min("year"), last=Max("year"))
        if known["last"] is None:
            return []
        years = range(known["last"], known["first"] - 1, -1)
        return [(str(year), str(year)) for year in years]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() is None:
            return queryset
        if self.value() not in dict(self.lookup_choices):
            raise IncorrectLookupParameters(self.value())
        return queryset.filter(year=self.value())


class ApplicationYearFilter(YearFilter):
    title = "申报年度"


class PaymentYearFilter(YearFilter):
    title = "给付年度"


class MineFirst(admin.SimpleListFilter):
    """What waits for oneself comes first; everything else is one click away, in tabs above the list."""

    template = "admin/centre/_in_tabs.html"
    mine: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", self.mine), ("all", "全部")]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "mine") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() == "all" else self.waiting(request, queryset)

    def waiting(self, request: HttpRequest, queryset: Any) -> Any:
        raise NotImplementedError


class QueueFilter(MineFirst):
    """What waits for oneself is one's own and what nobody has; then one's own alone, the office's."""

    title, parameter_name, mine = "待办", "queue", "等我办理"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        waiting, everything = super().lookups(request, model_admin)
        return [waiting, ("own", "我的"), ("office", "本科室"), everything]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "own":
            return queryset.in_hand_of(request.user, timezone.localdate())
        if self.value() == "office":
            return queryset.at_desk_of(request.user)
        return super().queryset(request, queryset)

    def waiting(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.waiting_for(request.user, timezone.localdate())


class ScoreFilter(MineFirst):
    title, parameter_name, mine = "评审", "waiting", "待我评审"

    def waiting(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.to_score()


class StepFilter(admin.SimpleListFilter):
    """The step that a case waits at, by the title that its document prints."""

    title = "环节"
    parameter_name = "step"

    def _places(self, request: HttpRequest) -> dict[str, list[tuple[int, int]]]:
        """By title, the editions of open cases and the place of the step in their chains."""
        waiting = Application.objects.visible_to(request.user).filter(status__in=WITH_STAFF)
        editions = Edition.objects.filter(pk__in=waiting.values("edition"))
        places: dict[str, list[tuple[int, int]]] = {}
        for edition in editions.prefetch_related("steps"):
            for place, step in enumerate(review_chain(edition)):
                places.setdefault(step.title, []).append((edition.pk, place))
        return places

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.places = self._places(request)
        return [(title, title) for title in self.places]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        here = Q(pk__in=[])
        for edition, place in self.places.get(self.value(), ()):
            here |= Q(edition=edition, step=place)
        return queryset.filter(here, status__in=WITH_STAFF)


class CorrectionFilter(admin.SimpleListFilter):
    """What lies with the firm: cases whose day for correcting is over."""

    title = "补正"
    parameter_name = "correction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "已逾期")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.overdue(timezone.localdate()) if self.value() == "overdue" else queryset


class ReviewFilter(admin.SimpleListFilter):
    """What firms have asked another person to look at once more."""

    title, parameter_name = "复核", "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "等我答复"), ("waiting", "等答复"), ("answered", "已答复")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        asked = {
            "mine": ReviewRequest.objects.waiting_for(request.user),
            "waiting": ReviewRequest.objects.waiting(),
            "answered": ReviewRequest.objects.exclude(outcome=""),
        }.get(self.value())
        return queryset if asked is None else queryset.filter(review_request__in=asked)


class DueFilter(admin.SimpleListFilter):
    """What lies with staff, by the working days that its step may take."""

    title, parameter_name = "期限", "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("past", "逾期"), ("soon", DUE_SOON)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        deadlines = Deadlines.on(timezone.localdate())
        return queryset.filter(deadlines.past if self.value() == "past" else deadlines.soon)


class VerdictFilter(admin.SimpleListFilter):
    title = "测算结论"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return VERDICTS.items()

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(assessment__verdict=self.value()) if self.value() else queryset


class HandledFilter(admin.SimpleListFilter):
    """Money that other places pay is seen, and handled there."""

    title, parameter_name = "经办", "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "归我办理")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.handled_by(request.user) if self.value() == "yes" else queryset
