"""What was handed in with a case, in the order of the list of materials, and as what it leaves the site."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from applications.cases.models import Application, Attachment
from policies.catalogue.models.service_guide import OTHER_MATERIAL
from portal.files.names import clean_name, visible

LONGEST_NAME = 40
COVER = "00-封面和目录.pdf"


@dataclass(frozen=True)
class Enclosed:
    """A file of a case, and what it is called outside: 01-营业执照-1.pdf."""

    attachment: Attachment
    name: str


@dataclass(frozen=True)
class Listed:
    """A material of the list by its number, with its files; none where nothing was handed in."""

    number: int
    name: str
    files: list[Enclosed]


def materials_of(application: Application) -> list[Listed]:
    """All materials that were asked for, then what was handed in beside them; three queries."""
    attached = list(
        application.attachments.current().select_related("library_file", "material").order_by("pk")
    )
    materials = application.materials
    listed = [
        Listed(
            number,
            material.name,
            _named(
                number,
                material.name,
                [each for each in attached if each.material_id == material.pk],
            ),
        )
        for number, material in enumerate(materials, start=1)
    ]
    known = {material.pk for material in materials}
    rest = [each for each in attached if each.material_id not in known]
    number = len(listed) + 1
    if rest:
        listed.append(Listed(number, OTHER_MATERIAL, _named(number, OTHER_MATERIAL, rest)))
    return listed


def _named(number: int, name: str, attached: Iterable[Attachment]) -> list[Enclosed]:
    short = visible(name)[:LONGEST_NAME]
    return [
        Enclosed(
            each,
            clean_name(
                f"{number:02d}-{short.replace('/', '／')}-{place}.{each.library_file.kind.suffixes[0]}"
            ),
        )
        for place, each in enumerate(attached, start=1)
    ]


def folders_of(applications: Iterable[Application]) -> dict[int, str]:
    """What the folder of each case is called, by its key: its number and firm."""
    names = {
        application.pk: clean_name(
            f"{application.number} {application.enterprise_name.replace('/', '／')}"
        ).rstrip(". ")
        for application in applications
    }
    # A disk that does not tell large letters from small ones.
    counted = Counter(name.casefold() for name in names.values())
    return {
        pk: f"{name} {pk}" if counted[name.casefold()] > 1 else name for pk, name in names.items()
    }
