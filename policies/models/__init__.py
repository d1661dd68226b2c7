"""What the catalogue is made of: programmes, dated editions and what they cite."""

from policies.models.award import Award, Tranche
from policies.models.criterion import Citation, Criterion
from policies.models.edition import Edition
from policies.models.error_report import ErrorReport
from policies.models.fact import Fact
from policies.models.jurisdiction import Jurisdiction
from policies.models.programme import Contact, Programme
from policies.models.self_check import SelfCheck
from policies.models.service_guide import Material, Step
from policies.models.source import Conflict, Document
from policies.models.window import Window

__all__ = [
    "Award",
    "Citation",
    "Conflict",
    "Contact",
    "Criterion",
    "Document",
    "Edition",
    "ErrorReport",
    "Fact",
    "Jurisdiction",
    "Material",
    "Programme",
    "SelfCheck",
    "Step",
    "Tranche",
    "Window",
]
