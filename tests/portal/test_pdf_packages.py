"""Without what sets Chinese text no PDF is begun: it would be boxes, or end whoever makes it."""

import pytest
from django.core.checks import run_checks
from django.utils import timezone
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from portal.checks import SERVICE
from portal.jobs.papers import ask_for_paper
from portal.jobs.work import work_off
from portal.models import Job
from portal.pdf import NoPaperError, html_to_pdf
from portal.pdf_packages import PACKAGES, missing_packages
from tests.portal.test_health import at_work, ready  # noqa: F401 (a fixture)

HTML = "<html lang='zh-Hans'><p>惠企政策</p></html>"
CONFIGURATION = (
    "<?xml version='1.0'?><fontconfig><dir>{folder}/fonts</dir>"
    "<cachedir>{folder}/cache</cachedir></fontconfig>"
)


def latin_font(path):
    """A font that has the letter A."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({65: "A"})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in (".notdef", "A")})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "A"), (500, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Latin Only", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)


@pytest.fixture(params=["no font", "no Chinese font"])
def without_font(request, tmp_path, monkeypatch):
    """As on a machine where nobody installed one."""
    (tmp_path / "fonts").mkdir()
    if request.param == "no Chinese font":
        latin_font(tmp_path / "fonts" / "latin.ttf")
    file = tmp_path / "fonts.conf"
    file.write_text(CONFIGURATION.format(folder=tmp_path))
    monkeypatch.setenv("FONTCONFIG_FILE", str(file))


def test_here_nothing_is_missing():
    assert missing_packages() == []


def test_a_start_is_told_which_package_is_missing(without_font):
    found = run_checks(tags=[SERVICE], include_deployment_checks=True)
    (told,) = [message for message in found if message.id == "portal.W021"]
    assert "fonts-noto-cjk" in told.msg and "google-noto-sans-cjk-fonts" in told.msg
    assert "apt-get install fonts-noto-cjk" in told.hint


def test_a_library_that_is_missing_is_told_too(monkeypatch):
    monkeypatch.setitem(PACKAGES, "libpango-1.0-0", ("pango", "libnowhere.so.0"))
    assert missing_packages() == ["libpango-1.0-0"]
    with pytest.raises(NoPaperError, match="libpango"):
        html_to_pdf(HTML)


@pytest.mark.django_db
def test_a_report_fails_in_words_and_its_worker_goes_on(without_font, files_root, caplog):
    for title in ("one", "two"):
        ask_for_paper(HTML, title=title, file_name=f"{title}.pdf", now=timezone.now())
    assert work_off(timezone.now) == 2
    told = set(Job.objects.values_list("state", "words"))
    assert told == {
        (Job.State.FAILED, "做不了 PDF：服务器缺少软件包 fonts-noto-cjk。请告诉网站管理员。")
    }
    # The log says to the operator what to do.
    assert "apt-get install fonts-noto-cjk" in caplog.text


def test_a_monitor_sees_it(client, at_work, without_font):  # noqa: F811
    ready(client, "pdf")
