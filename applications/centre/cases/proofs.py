"""What bears out each thing a firm said, and each clause: the materials asked for it, with their files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from applications.cases.models import Attachment
from policies.catalogue.models import Material
from policies.rules.edition import EVERYTHING, Edition


@dataclass(frozen=True)
class Proof:
    """A material that is asked for something, and the files that stand for it now.

    `is_whole`: it is the whole set, of which no list tells the parts.
    """

    material: Material
    attachments: Sequence[Attachment]
    is_whole: bool


class Proofs:
    """By fact and by criterion of one case. `are_told`: whether the edition's list says at all what
    its materials are for; editions from before it could say so do not.
    """

    def __init__(
        self, rules: Edition, materials: Iterable[Material], attachments: Iterable[Attachment]
    ) -> None:
        standing = [each for each in attachments if each.replaced_at is None]
        self.materials = [
            (material, [each for each in standing if each.material_id == material.pk])
            for material in materials
        ]
        self.facts: dict[str, set[str]] = {}
        for entry in rules.entries:
            self.facts.setdefault(entry.code, set()).update(entry.criterion.reads)

    @property
    def are_told(self) -> bool:
        return any(material.proves for material, _ in self.materials)

    def of_fact(self, key: str) -> list[Proof]:
        return self._of({key})

    def of_criterion(self, code: str) -> list[Proof]:
        """The materials for any of the facts that it reads."""
        return self._of(self.facts.get(code, set()))

    def _of(self, keys: set[str]) -> list[Proof]:
        return [
            Proof(material, attachments, EVERYTHING in material.proves)
            for material, attachments in self.materials
            if EVERYTHING in material.proves or keys.intersection(material.proves)
        ]
