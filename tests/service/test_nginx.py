"""The site behind nginx with the configuration as it stands, on a machine installed by the README."""

import re
from hashlib import sha256

import pytest

from portal.pulses import SILENT_AFTER
from tests.processes import wait_until
from tests.service.fill import ROWS
from tests.service.machine import DOMAIN, Visitor, install_nginx

pytestmark = pytest.mark.night
AWAY = "网站暂时打不开"
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def site(machine):
    install_nginx(machine)
    return machine


@pytest.fixture
def visitor(site):
    return Visitor(site, "127.0.0.2")


@pytest.fixture(scope="module")
def firm(site):
    found = site.fill("firm")
    visitor = Visitor(site, "127.0.0.3")
    visitor.log_in(found["login"], found["password"])
    return visitor


@pytest.fixture(scope="module")
def staff(site):
    """Of a city with all cases."""
    found = site.fill("many")
    visitor = Visitor(site, "127.0.0.4")
    visitor.log_in(found["login"], found["password"])
    return visitor


def logged(site):
    return site.run("cat", "/var/log/nginx/portal.log").stdout


def test_plain_http_leads_to_https_at_the_same_page(visitor):
    answer = visitor.ask("/programmes/?q=%E5%B0%8F", scheme="http")
    assert answer.status == 301
    assert answer.headers["location"] == f"https://{DOMAIN}/programmes/?q=%E5%B0%8F"


def test_pages_come_encrypted_with_all_that_keeps_strangers_out(visitor):
    answer = visitor.ask("/", "--compressed")
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["server"] == "nginx"
    assert "惠企政策资格自测" in answer.text
    cookies = re.findall("(?im)^set-cookie: .*", visitor.ask("/account/login/").head)
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)
    assert visitor.ask("/", "--tls-max", "1.2").status == 200


def test_files_of_the_site_come_compressed_and_once_only(visitor, site):
    style = "/static/bootstrap/css/bootstrap.min.css"
    plain = visitor.ask(style)
    packed = [visitor.ask(style, "-H", "Accept-Encoding: gzip") for _ in range(2)]
    assert packed[0].headers["content-encoding"] == "gzip"
    assert packed[0].body == packed[1].body != plain.body
    assert " upstream=- " in logged(site).splitlines()[-1]


def tried(visitor, *flags):
    """The statuses of more codes than one address may try in a minute, even where another one begins."""
    form = f"csrfmiddlewaretoken={visitor.ask('/find-result/').token}&code=AAAAA-AAAAA"
    told = ("-o", "/dev/null", "-w", "%{http_code}\n")
    referer = ("-e", f"https://{DOMAIN}/find-result/")
    return visitor.ask("/find-result/?[1-130]", "-d", form, *referer, *told, *flags).text.split()


def test_each_visitor_has_a_limit_of_their_own(site):
    assert "429" in tried(Visitor(site, "127.0.1.1"))
    second = Visitor(site, "127.0.1.2").send("/find-result/", "code=AAAAA-AAAAA")
    assert second.status == 200


def test_a_visitor_cannot_take_another_address(site):
    forged = ("-H", "X-Real-IP: 203.0.113.9", "-H", "X-Forwarded-For: 203.0.113.9")
    assert "429" in tried(Visitor(site, "127.0.1.3"), *forged)
    assert tried(Visitor(site, "127.0.1.4"), *forged)[0] == "200"


def pdf_of(site, size):
    name = f"/tmp/{size}.pdf"
    site.shell(f"{{ printf '%%PDF-1.4\\n'; head -c {size - 9} /dev/zero; }} > {name}")
    return name, sha256(b"%PDF-1.4\n" + bytes(size - 9)).hexdigest()


def test_a_firm_keeps_a_file_of_twenty_megabytes(site, firm):
    name, digest = pdf_of(site, 20 * MEGABYTE)
    answer = firm.send("/enterprise/files/", f"file=@{name}", "title=二十兆")
    assert (answer.status, answer.headers["location"]) == (302, "/enterprise/files/")
    page = firm.ask("/enterprise/files/").text
    address = re.search(r'href="([^"]+)">二十兆<', page)[1]
    assert sha256(firm.ask(address).body).hexdigest() == digest


def test_of_a_file_too_large_the_form_itself_tells(site, firm):
    name, _ = pdf_of(site, 21 * MEGABYTE)
    answer = firm.send("/enterprise/files/", f"file=@{name}")
    assert answer.status == 200
    assert "超过 20.0 MB" in answer.text.replace("\xa0", " ")


def test_where_no_file_is_wanted_much_is_refused_in_plain_words(site, visitor):
    name, _ = pdf_of(site, 3 * MEGABYTE)
    answer = visitor.send("/find-result/", f"file=@{name}")
    assert answer.status == 413
    assert "提交的内容太大" in answer.text


def test_a_report_is_made_by_the_worker(site, visitor):
    result = f"/result/{site.fill('self_check')['token']}"
    answer = visitor.send(f"{result}/report.pdf", form=f"{result}/")
    assert answer.status == 302
    wait_until(lambda: visitor.ask(f"{result}/report.pdf").status == 200)
    paper = visitor.ask(f"{result}/report.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body.startswith(b"%PDF-")


def test_a_hundred_thousand_rows_leave_through_it_though_the_worker_is_stopped(site, staff):
    page = "/admin/cases/application/lists/applications/?queue=all"
    answer = staff.send(page, "format=csv")
    assert answer.status == 302, answer.text
    job = answer.headers["location"]
    # At once, while there is a list to be made.
    latest = "SELECT state FROM portal_job ORDER BY id DESC LIMIT 1"
    site.shell(
        f"""
        cd /; until [ "$(runuser -u portal -- psql -tA -h /run/postgresql -c '{latest}' portal)" = running ]
        do sleep 0.1; done
        systemctl stop portal-worker
        """
    )
    assert site.fill("jobs")["states"][-1] == "waiting"
    site.run("systemctl", "start", "portal-worker")
    wait_until(lambda: site.fill("jobs")["states"][-1] == "done", SILENT_AFTER.total_seconds() * 10)
    answer = staff.ask(f"{job}file/")
    assert answer.status == 200
    assert answer.text.count("\n") > ROWS
    assert f"-{ROWS - 2:06d}" in answer.text


SECRETS = (
    "/result/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/",
    "/result/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/report.pdf",
    "/self-check/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/3/",
    "/invitation/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/",
    "/enterprise/calendar/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789.ics",
    "/account/password/reset/key/1z-aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/",
    "/account/confirm-email/aBcDeFgHiJkLm:NoPqRs/",
    "/account/address/aBcDeFgHiJkLm:NoPqRs/",
    "/account/sign-up/aBcDeFgHiJkLm:NoPqRs/",
    "/r/abcdefghjk/",
    "/account/login/?next=/invitation/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/",
    "//result/aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/",
)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("away", [False, True])
def test_no_secret_of_an_address_is_in_a_log(site, visitor, scheme, away):
    if away:
        site.run("systemctl", "stop", "portal-web")
    try:
        for address in SECRETS:
            visitor.ask(address, "-H", f"Referer: https://{DOMAIN}{address}", scheme=scheme)
    finally:
        site.run("systemctl", "start", "portal-web")
    visitor.ask("/programmes/")
    written = site.shell("cat /var/log/nginx/*")
    assert 'GET /result/*" ' in written
    assert 'GET /account/login/" ' in written
    assert 'GET /programmes/" 200' in written
    for secret in ("aBcDeFg", "abcdefghjk"):
        assert secret not in written


def test_while_the_site_is_away_a_page_says_so_and_it_is_back_by_itself(site, visitor):
    style = "/static/portal/site.css"
    visitor.ask(style)
    token = visitor.ask("/find-result/").token
    site.run("systemctl", "stop", "portal-web")
    try:
        for flags in ((), ("-d", f"csrfmiddlewaretoken={token}&code=AAAAA-AAAAA")):
            answer = visitor.ask("/find-result/", *flags)
            assert answer.status == 502
            assert (
                f'"{"POST" if flags else "GET"} /find-result/" 502' in logged(site).splitlines()[-1]
            )
            for words in (AWAY, "可能没有办成", "后退"):
                assert words in answer.text
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "strict-transport-security" in answer.headers
        assert visitor.ask(style).status == 200
        assert visitor.ask("/away.html").status in (404, 502)
    finally:
        site.run("systemctl", "start", "portal-web")
    assert visitor.ask("/find-result/").status == 200
