"""What the catalogue is made of: programmes, dated editions and what they cite."""

from policies.catalogue.models.award import Award, Tranche
from policies.catalogue.models.call import Call, CallEvent, CountyLastDay
from policies.catalogue.models.citation import Citation
from policies.catalogue.models.criterion import Criterion
from policies.catalogue.models.edition import Edition
from policies.catalogue.models.example import Example
from policies.catalogue.models.fact import Fact
from policies.catalogue.models.formula import Formula
from policies.catalogue.models.original import Original, SourceCheck
from policies.catalogue.models.packed_row import PackedRow
from policies.catalogue.models.programme import AsksForProgramme, Contact, Office, Programme
from policies.catalogue.models.service_guide import Material, Step
from policies.catalogue.models.source import Clause, Conflict, Document
from policies.catalogue.models.stamp import Stamp
from policies.catalogue.models.synonym import Synonym
from policies.catalogue.models.window import Window

__all__ = [
    "AsksForProgramme",
    "Award",
    "Call",
    "CallEvent",
    "Citation",
    "Clause",
    "Conflict",
    "Contact",
    "CountyLastDay",
    "Criterion",
    "Document",
    "Edition",
    "Example",
    "Fact",
    "Formula",
    "Material",
    "Office",
    "Original",
    "PackedRow",
    "Programme",
    "SourceCheck",
    "Stamp",
    "Step",
    "Synonym",
    "Tranche",
    "Window",
]
