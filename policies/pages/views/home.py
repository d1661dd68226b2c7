"""The first page of the site."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.pages.forms import PlaceForm
from policies.pages.home import counts, next_turns, open_in_month, paying_levels
from policies.pages.listing import list_entries, sections_of, select_entries
from policies.pages.timetable import calls_to_come, every_window
from policies.self_check import questionnaire
from portal.public_pages import cached

# How many calls the first page tells of; the calendar has all.
MOST_CALLS = 5


@require_safe
@cached
def home(request: HttpRequest) -> HttpResponse:
    """What a county pays, for an industry if one is chosen; the address holds both."""
    today, known = timezone.localdate(), Catalogue()
    sections = sections_of(known.facts)
    form = PlaceForm(request.GET or None, areas=known.areas, sections=sections)
    form.is_valid()  # what is not known is told beside its field, and the rest is answered
    chosen = {name: value for name, value in getattr(form, "cleaned_data", {}).items() if value}
    county, section = known.areas.get(chosen.get("county", "")), chosen.get("section", "")
    editions = known.editions_in_force(today, screened_only=False)
    every = select_entries(
        list_entries(editions, known.areas, today),
        {"county": county and county.pk},
        known.areas,
        today,
    )
    entries = [entry for entry in every if not section or section in entry.sections]
    families: dict[str, int] = {}
    for entry in entries:
        families[entry.edition.family] = families.get(entry.edition.family, 0) + 1
    shown = {entry.edition.programme for entry in entries}
    windows = [window for window in every_window() if window.programme_id in shown]
    applied_for = {window.programme_id for window in windows if window.kind == "apply"}
    names = {entry.edition.programme: entry.edition.name for entry in entries}
    # What stays open all the year round has no day to tell of here.
    coming = calls_to_come(known.calls, names, today, county and county.pk)
    calls = [call for call in coming if call.last_day]
    applied_for |= {call.programme_id for call in coming}
    context = {
        "form": form,
        "cities": form.cities.items(),
        "sections": sections,
        "county": county,
        "section": section,
        "section_name": sections.get(section, ""),
        "questions": questionnaire.QUESTIONS_ASKED,
        "minutes": questionnaire.minutes(),
        "query": "".join(f"&{name}={value}" for name, value in chosen.items()),
        "entries": entries,
        "counts": counts(entries),
        "levels": paying_levels(entries, today) if county else [],
        "families": families.items(),
        "ruled_out": len(every) - len(entries),
        "naming": [entry for entry in entries if entry.names_industry],
        "not_naming": sum(not entry.names_industry for entry in entries),
        "today": today,
        "calls": [(names[call.programme_id], call) for call in calls[:MOST_CALLS]],
        "more_calls": len(calls[MOST_CALLS:]),
        "open": open_in_month(windows, today),
        "next": next_turns(windows, today),
        "undated": len({w.programme_id for w in windows if not w.is_dated and w.kind == "apply"}),
        "silent": sum(
            entry.edition.programme not in applied_for and entry.edition.kind != "duty"
            for entry in entries
        ),
    }
    return render(request, "pages/home.html", context)
