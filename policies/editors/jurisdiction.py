"""Who edits what: editors have the programmes of their jurisdiction, and all read the whole.

“Within” is what portal.scope says: a user's jurisdiction and all below it; nobody else's for who
has none, except for a superuser. What is the nation's belongs to the province's editors, as
nobody stands above them here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern

from policies.catalogue.models import Award, Criterion, Edition, Example, Programme
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.scoped_admin import ScopedAdmin

# How a row leads to the area that it is for.
AREA_OF = {
    Programme: "area",
    Edition: "programme__area",
    Criterion: "edition__programme__area",
    Award: "edition__programme__area",
    Example: "edition__programme__area",
}
NOT_ONES_OWN = "没有这一项，或者它不在您编辑的地区。"
NATION, PROVINCE = Jurisdiction.Level.NATION, Jurisdiction.Level.PROVINCE


@dataclass(frozen=True)
class Reach:
    """`areas`: the codes of those whose programmes an editor changes; `is_whole`: of the province
    or above, so that what several share is theirs too."""

    areas: frozenset[str]
    is_whole: bool

    def __bool__(self) -> bool:
        """Whether it holds anything; the province's editors begin an empty catalogue too."""
        return self.is_whole or bool(self.areas)

    def within(self, path: str) -> Q:
        """Rows whose `path` leads to an area of the editor's."""
        return Q(**{f"{path}__in": self.areas})


def reach_of(user: Any) -> Reach:
    """Nothing for who is in charge of nothing."""
    rows = Jurisdiction.objects.filter(in_charge(user, "pk"))
    levels = dict(rows.values_list("pk", "level"))
    own = levels.get(user.jurisdiction_code)
    is_whole = own in (NATION, PROVINCE) or (user.is_superuser and not user.jurisdiction_code)
    nations = Jurisdiction.objects.filter(level=NATION).values_list("pk", flat=True)
    return Reach(frozenset(levels).union(nations if is_whole else ()), is_whole)


def role_of(user: Any) -> str:
    """Who an editor is to the public: what they do and where, never a name."""
    place = Jurisdiction.objects.filter(pk=user.jurisdiction_code).first()
    return f"{place}政策编辑" if place else "平台管理员"


def own_reach(request: HttpRequest) -> Reach:
    """Of the request's user, read once."""
    if not hasattr(request, "editor_reach"):
        request.editor_reach = reach_of(request.user)
    return request.editor_reach


def programme_of(row: Any) -> Programme:
    """The programme that a row of the catalogue belongs to."""
    if isinstance(row, Programme):
        return row
    return row.programme if isinstance(row, Edition) else row.edition.programme


class WithinJurisdiction(ScopedAdmin):
    """The admin of programmes and of what belongs to one: only its own editors change it.

    Its inlines follow: Django shows them to read where the row itself is not changed.
    """

    def edits(self, request: HttpRequest, row: Any = None) -> bool:
        """Whether the user changes this row; without one, whether they change any at all."""
        reach = own_reach(request)
        return bool(reach) if row is None else programme_of(row).area_id in reach.areas

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and self.edits(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.edits(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.edits(request, obj)

    def own_page(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """Pages that do something with a row are not there for others: none can forget to ask."""

        def asked_first(request: HttpRequest, **of_route: Any) -> HttpResponse:
            self._find_own(request, of_route)
            return view(request, **of_route)

        return super().own_page(route, asked_first, name)

    def _find_own(self, request: HttpRequest, of_route: dict[str, Any]) -> None:
        for key in {"pk", "object_id"} & of_route.keys():
            if not self.edits(request, self.get_object(request, unquote(str(of_route[key])))):
                raise Http404(NOT_ONES_OWN)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """What a row belongs to is chosen among one's own: it is moved neither in nor out."""
        field = super().formfield_for_foreignkey(db_field, request, **options)
        # Not who pays: an award of one's own programme may be paid from elsewhere.
        if db_field.name in ("area", "programme", "edition"):
            path = AREA_OF.get(db_field.remote_field.model, "pk")
            field.queryset = field.queryset.filter(own_reach(request).within(path))
            field.error_messages["invalid_choice"] = NOT_ONES_OWN
        return field

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Fields that complete what is typed offer one's own; lists show everything."""
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            queryset = queryset.filter(own_reach(request).within(AREA_OF[self.model]))
        return super().get_search_results(request, queryset, search_term)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = context.get("original")
        context["edits_here"] = self.edits(request, row)
        context["area"] = programme_of(row).area if row else None
        return super().render_change_form(request, context, *args, **options)
