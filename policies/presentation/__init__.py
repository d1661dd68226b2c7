"""The answer in words: plain Chinese, money as ranges, rows ready for a page."""

from policies.presentation.programme import Guide, Vocabulary, programme_row
from policies.presentation.report_link import report_link
from policies.presentation.result import families, result_page
from policies.presentation.words import VERDICTS, money

__all__ = [
    "VERDICTS",
    "Guide",
    "Vocabulary",
    "families",
    "money",
    "programme_row",
    "report_link",
    "result_page",
]
