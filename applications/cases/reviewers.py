"""Who may review a case where it lies: an account in use with the right to, at the place whose desk it is."""

from collections.abc import Iterable
from functools import cache

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from portal.models import Jurisdiction, User

RIGHTS = ("cases.view_application", "cases.decide_application")
BACKEND = "django.contrib.auth.backends.ModelBackend"
ABOVE = ("county__parent", "county__parent__parent", "county__parent__parent__parent")


@cache
def able_to_review() -> RawSQL:
    """A subquery for all who may review cases somewhere, as keys.

    Only its text is kept, as in portal/scope.py; who that is, the database says each time.
    """
    staff = User.objects.filter(is_active=True, is_staff=True)
    for right in RIGHTS:
        having = User.objects.with_perm(right, backend=BACKEND)
        staff = staff.filter(pk__in=having.order_by().values("pk"))
    return RawSQL(*staff.order_by().values("pk").query.sql_with_params())  # noqa: S611 (the text is Django's own)


def reviewers() -> QuerySet[User]:
    return User.objects.filter(pk__in=able_to_review())


def reviewers_at(desks: Iterable[tuple[str, str]]) -> QuerySet[User]:
    """Those of these desks, each given as its level and the county whose cases lie there."""
    places: set[str] = set()
    for level, county in desks:
        if level == "county":
            places.add(county)
        else:
            places |= set(Jurisdiction.objects.above(county).values_list("pk", flat=True))
    return reviewers().filter(jurisdiction_code__in=places)


def name_of(user: User) -> str:
    """How colleagues call somebody."""
    return user.get_full_name() or user.username


def assignee_reviews() -> Q:
    """Cases whose assignee may review them where they lie."""
    here = Q(desk="county", assignee__jurisdiction_code=F("county"))
    for above in ABOVE:
        here |= Q(desk="city", assignee__jurisdiction_code=F(above))
    # Who stands at every desk.
    here |= Q(assignee__is_superuser=True, assignee__jurisdiction_code="")
    return Q(assignee__in=able_to_review()) & here
