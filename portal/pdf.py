"""HTML to PDF on A4 with the site's own style sheets; nothing else is read from anywhere."""

from pathlib import Path
from typing import NoReturn

from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

FOLDER = Path(__file__).parent / "static" / "portal"
PAPER = FOLDER / "paper.css"
# By the name under which a document asks for it.
STYLES = {"paper": PAPER, "office": FOLDER / "office.css"}


class NothingFetcher(URLFetcher):
    """Refuses every address: network, files and data alike. The style sheet is handed over."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        raise ValueError("a document may not load anything")


def html_to_pdf(html: str, style: Path = PAPER, more_style: str = "") -> bytes:
    """The document with its fonts embedded, tagged for screen readers."""
    fetcher = NothingFetcher()
    sheets = [
        CSS(filename=style, url_fetcher=fetcher),
        CSS(string=more_style, url_fetcher=fetcher),
    ]
    return HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=sheets, pdf_tags=True)
