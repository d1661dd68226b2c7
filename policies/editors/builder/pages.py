"""What a builder asks the site while somebody is at it; nothing is saved."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from policies.editors.builder.field import current, of_post, rendered, said
from policies.editors.builder.kinds import FAMILIES
from policies.editors.builder.vocabulary import MOST_FOUND, chosen
from portal.numbers import whole_number

SAID = "-said"


def build(request: HttpRequest, family: str) -> HttpResponse:
    """The builder as its form stands now, after what a button did; with `?said` its sentence only.

    Which of the page's builders it is, the name of what was touched says.
    """
    touched = request.headers.get("HX-Trigger-Name", "")
    is_said = "said" in request.GET
    if is_said:
        prefix = request.headers.get("HX-Trigger", "").removesuffix(SAID)
    else:
        prefix = touched.partition(".")[0]
    if family not in FAMILIES:
        raise Http404("没有这个表单")
    prefix = prefix or family
    known = current()
    built = of_post(family, request.POST, prefix, known)
    built.edition = whole_number(request.GET.get("edition")) or None
    if is_said:
        return HttpResponse(said(built, prefix, known))
    built.settle(known)
    return HttpResponse(rendered(built, prefix, known))


def found(request: HttpRequest) -> JsonResponse:
    """The facts, or the choices of one, that somebody may mean, each with what its box takes."""
    known, text = current(), request.GET.get("q", "")
    if source := request.GET.get("source"):
        choices: Any = known.industries
        if source != "industries":
            choices = known.named[source].choices if source in known.named else {}
        codes = chosen(text, choices) if text.strip() else list(choices)
        rows = [{"value": choices[code], "more": ""} for code in codes]
    else:
        types = request.GET.get("types", "").split()
        keys = known.meant(text, types, is_asked="asked" in request.GET)
        rows = [
            {"value": known.shown(key), "more": f"{known.named[key].section}　{key}"}
            for key in keys
        ]
    return JsonResponse({"found": rows[:MOST_FOUND]})
