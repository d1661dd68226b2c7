"""What may come in as a spreadsheet, one declaration each."""

from applications.imports.payments import PAYMENT_RESULTS
from applications.imports.recognitions import RECOGNITIONS

IMPORTS = {declared.key: declared for declared in (RECOGNITIONS, PAYMENT_RESULTS)}

__all__ = ["IMPORTS", "PAYMENT_RESULTS", "RECOGNITIONS"]
