"""Whom to ask about a programme: the offices of a county, else those of its city."""

from collections.abc import Iterable, Mapping

from policies.catalogue.models import Contact
from portal.models import Jurisdiction


def contacts_of(programmes: Iterable[str]) -> dict[str, dict[str, list[Contact]]]:
    """By programme and place; one query."""
    found: dict[str, dict[str, list[Contact]]] = {}
    rows = Contact.objects.filter(programme__in=programmes).select_related("office__jurisdiction")
    for contact in rows:
        own = found.setdefault(contact.programme_id, {})
        own.setdefault(contact.office.jurisdiction_id, []).append(contact)
    return found


def nearest(
    by_place: Mapping[str, list[Contact]], county: str | None, city: str | None
) -> list[Contact]:
    """The county's, else the city's; of neither nobody."""
    for place in (county, city):
        if place and place in by_place:
            return by_place[place]
    return []


def offices_near(programme: str, county: Jurisdiction) -> list[Contact]:
    """Whom a firm of the county asks about one programme."""
    return nearest(contacts_of([programme]).get(programme, {}), county.pk, county.parent_id)
