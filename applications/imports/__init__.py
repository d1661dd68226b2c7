"""What may come in as a spreadsheet, one declaration each."""

from applications.imports.recognitions import RECOGNITIONS

IMPORTS = {declared.key: declared for declared in (RECOGNITIONS,)}

__all__ = ["IMPORTS", "RECOGNITIONS"]
