"""What may come in as a spreadsheet, and who may bring it."""

from typing import Any

from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import ImportKind

IMPORTS = {declared.key: declared for declared in (RECOGNITIONS, PAYMENT_RESULTS)}


def may_import(user: Any, kind: ImportKind) -> bool:
    return bool(user.has_perm(kind.permission))
