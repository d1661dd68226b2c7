"""HTML to PDF on A4 with the site's own style sheets; nothing else is read from anywhere."""

import logging
from pathlib import Path
from typing import NoReturn

from portal.pdf_packages import in_words, missing_packages

FOLDER = Path(__file__).parent / "static" / "portal"
PAPER = FOLDER / "paper.css"
# By the name under which a document asks for it.
STYLES = {"paper": PAPER, "office": FOLDER / "office.css"}
NOT_HERE = "做不了 PDF：服务器缺少软件包 {names}。请告诉网站管理员。"

logger = logging.getLogger(__name__)


class NoPaperError(Exception):
    """This machine cannot set Chinese text; the message says what it lacks, in Chinese."""


def html_to_pdf(html: str, style: Path = PAPER, more_style: str = "") -> bytes:
    """The document with its fonts embedded, tagged for screen readers.

    NoPaperError where it would come out as boxes, or end this process.
    """
    if missing := missing_packages():
        logger.error("%s%s", *in_words(missing))
        raise NoPaperError(NOT_HERE.format(names="、".join(missing)))
    # It loads Pango, which nothing else needs.
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    class NothingFetcher(URLFetcher):
        """Refuses every address: network, files and data alike. The style sheet is handed over."""

        def fetch(self, url: str, headers: object = None) -> NoReturn:
            raise ValueError("a document may not load anything")

    fetcher = NothingFetcher()
    sheets = [
        CSS(filename=style, url_fetcher=fetcher),
        CSS(string=more_style, url_fetcher=fetcher),
    ]
    return HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=sheets, pdf_tags=True)
