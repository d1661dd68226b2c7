"""Pinned versions against small lists in OSV's form: what is affected is found, and a bad list refused."""

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from tests.dependencies.advisories import (
    AHEAD,
    OLD_AFTER,
    ListError,
    check_list,
    findings,
    read_list,
)
from tests.dependencies.pins import NPM, PYPI, ROOT, Pin, pins

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def entry(number="TEST-1", ecosystem=PYPI, name="some-package", modified=NOW, **fields):
    affected = {"package": {"ecosystem": ecosystem, "name": name}}
    for key in ("ranges", "versions"):
        if key in fields:
            affected[key] = fields.pop(key)
    return {
        "schema_version": "1.7.0",
        "id": number,
        "modified": modified.isoformat().replace("+00:00", "Z"),
        "summary": "reads what it should not",
        "affected": [affected],
        **fields,
    }


def between(*events, kind="ECOSYSTEM"):
    """A range: between("introduced", "0", "fixed", "2.0")."""
    pairs = zip(events[::2], events[1::2], strict=True)
    return {"type": kind, "events": [{name: version} for name, version in pairs]}


def keep(folder, *entries):
    for each in entries:
        (folder / f"{each['id']}.json").write_text(json.dumps(each))
    return folder


def found(folder, *entries, version="1.5", ecosystem=PYPI, name="some-package"):
    pin = Pin(ecosystem, name, version, "pins.txt")
    read = read_list(keep(folder, *entries), {(ecosystem, name)})
    return findings([pin], read)


@pytest.mark.parametrize(
    ("events", "affected", "not_affected"),
    [
        (("introduced", "0"), ("0.0.1", "0.dev1", "99"), ()),
        (("introduced", "0", "fixed", "2.0"), ("1.9.9", "2.0rc1", "2.0.dev3"), ("2.0", "2.0.0", "2.0.post1", "10.0")),
        (("introduced", "1.2", "fixed", "1.10"), ("1.2", "1.9"), ("1.1", "1.10", "1.11")),
        (("introduced", "1.0", "last_affected", "1.5"), ("1.0", "1.5", "1.5.0"), ("1.5.1", "1.5.post1", "0.9")),
        (("introduced", "1.5", "last_affected", "1.5"), ("1.5",), ("1.4", "1.6")),
        # Told in any order: two ranges in one, as branches are kept up side by side.
        (("fixed", "5.1.5", "introduced", "5.0", "introduced", "5.1", "fixed", "5.0.11"), ("5.0.10", "5.1.4"), ("4.2", "5.0.11", "5.1.5")),
        (("introduced", "1.0", "limit", "1.4"), ("1.3",), ("1.4", "1.5")),
    ],
)  # fmt: skip
def test_ranges_are_told_by_their_events(tmp_path, events, affected, not_affected):
    advisory = entry(ranges=[between(*events)])
    for version in affected:
        assert found(tmp_path, advisory, version=version), version
    for version in not_affected:
        assert not found(tmp_path, advisory, version=version), version


@pytest.mark.parametrize(
    ("events", "affected", "not_affected"),
    [
        (("introduced", "0", "fixed", "2.0.0"), ("1.10.0", "2.0.0-beta.2", "0.0.1-a"), ("2.0.0", "2.0.0+build.5", "2.0.1-rc.1")),
        (("introduced", "1.0.0-rc.2", "fixed", "1.0.0"), ("1.0.0-rc.2", "1.0.0-rc.10"), ("1.0.0-rc.1", "1.0.0")),
        (("introduced", "4.0.0", "last_affected", "4.6.2"), ("4.6.2",), ("4.6.3", "5.3.8", "3.4.1")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["SEMVER", "ECOSYSTEM"])
def test_packages_of_the_browser_are_compared_as_semver_wants(
    tmp_path, events, affected, not_affected, kind
):
    advisory = entry(ecosystem=NPM, name="bootstrap", ranges=[between(*events, kind=kind)])
    of = {"ecosystem": NPM, "name": "bootstrap"}
    for version in affected:
        assert found(tmp_path, advisory, version=version, **of), version
    for version in not_affected:
        assert not found(tmp_path, advisory, version=version, **of), version


def test_versions_that_are_listed_are_affected_and_others_not(tmp_path):
    advisory = entry(versions=["1.4", "1.5.0", "2004d"])
    assert found(tmp_path, advisory, version="1.5")
    assert not found(tmp_path, advisory, version="1.6")


def test_a_listed_version_counts_beside_ranges_that_do_not_hold_it(tmp_path):
    assert found(tmp_path, entry(versions=["1.5"], ranges=[between("introduced", "2.0")]))


def test_what_was_withdrawn_says_nothing(tmp_path):
    advisory = entry(ranges=[between("introduced", "0")], withdrawn="2026-11-01T00:00:00Z")
    assert not found(tmp_path, advisory)


def test_commits_say_nothing_of_versions(tmp_path):
    commits = {"type": "GIT", "repo": "x", "events": [{"introduced": "0"}, {"fixed": "abc"}]}
    assert not found(tmp_path, entry(ranges=[commits]))


def test_a_name_is_compared_as_its_registry_does(tmp_path):
    advisory = entry(name="Some_Package", ranges=[between("introduced", "0")])
    assert found(tmp_path, advisory)
    other = entry(number="TEST-2", ecosystem=NPM, name="some-package", ranges=[between("introduced", "0")])  # fmt: skip
    [only] = found(tmp_path, advisory, other)
    assert only.advisory == "TEST-1"
    assert not found(tmp_path, advisory, other, name="another-package")


def test_of_an_entry_for_several_registries_each_has_its_own_range(tmp_path):
    advisory = entry(ranges=[between("introduced", "2.0")])
    other = {"package": {"ecosystem": "RubyGems", "name": "some-package"}, "ranges": [between("introduced", "0")]}  # fmt: skip
    advisory["affected"].append(other)
    assert not found(tmp_path, advisory)


def test_a_finding_tells_what_where_and_since_when_it_is_mended(tmp_path):
    [told] = found(tmp_path, entry(ranges=[between("introduced", "0", "fixed", "1.2", "introduced", "1.4", "fixed", "1.7.3")]))  # fmt: skip
    assert (
        str(told)
        == "some-package 1.5（pins.txt）：TEST-1 reads what it should not；已在 1.7.3 修复"
    )
    [told] = found(tmp_path, entry(ranges=[between("introduced", "0")]))
    assert "还没有修复的版本" in str(told)


# What four databases say in the format of osv.dev, with all its fields; the faults are invented.
REVIEWED = {
    "schema_version": "1.7.3",
    "id": "GHSA-2222-3333-4444",
    "modified": "2026-11-27T21:05:39.123456789Z",
    "published": "2026-11-20T18:30:02Z",
    "aliases": ["CVE-2026-99991"],
    "related": [],
    "summary": "Some package reads what it should not",
    "details": "### Impact\nMuch.",
    "severity": [
        {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
        {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"},
    ],
    "affected": [
        {
            "package": {"name": "some-package", "ecosystem": "PyPI", "purl": "pkg:pypi/some-package"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0a1"}, {"fixed": "1.6"}]}],
            "versions": ["1.0a1", "1.0", "1.5"],
            "ecosystem_specific": {"affected_functions": ["some.read"]},
            "database_specific": {"source": "advisories/GHSA-2222-3333-4444.json"},
        },
        {
            "package": {"name": "some-package", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"last_affected": "2.1"}],
                        "database_specific": {"last_known_affected_version_range": "<= 2.1"}}],
        },
    ],
    "references": [{"type": "WEB", "url": "https://some.example/"}],
    "credits": [{"name": "somebody", "type": "FINDER"}],
    "database_specific": {"cwe_ids": ["CWE-200"], "severity": "HIGH", "github_reviewed": True},
}  # fmt: skip
OF_PYTHON = {
    "id": "PYSEC-2026-77",
    "modified": "2026-11-27T21:06:00Z",
    "aliases": ["CVE-2026-99991", "GHSA-2222-3333-4444"],
    "details": "Reads what it should not.",
    "affected": [
        {
            "package": {"name": "Some.Package", "ecosystem": "PyPI", "purl": "pkg:pypi/some-package"},
            "ranges": [
                {"type": "GIT", "repo": "https://some.example/it", "events": [{"introduced": "0"}, {"fixed": "3c5e1f"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.6"}]},
            ],
            "versions": ["0.1", "0.9.dev20200101", "1.5"],
        }
    ],
}  # fmt: skip
MALICIOUS = {
    "schema_version": "1.7.3",
    "id": "MAL-2026-1234",
    "modified": "2026-11-27T00:00:00Z",
    "summary": "Malicious code in some-package (npm)",
    "affected": [
        {"package": {"ecosystem": "npm", "name": "some-package"}, "versions": ["1.5.0", "9.9.9"]},
        {"package": {"ecosystem": "npm", "name": "@scope/other"},
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]},
    ],
    "database_specific": {"malicious-packages-origins": [{"source": "some", "versions": ["1.5.0"]}]},
}  # fmt: skip
OF_DEBIAN = {
    "id": "DSA-9999-1",
    "modified": "2026-11-27T00:00:00Z",
    "related": ["CVE-2026-99991"],
    "affected": [
        {"package": {"ecosystem": "Debian:12", "name": "some-package"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3:1.6-1+deb12u1"}]}],
         "versions": ["3:1.5-1", "3:1.5-1~bpo11+1"]},
        {"ranges": [{"type": "GIT", "repo": "https://some.example/it", "events": [{"introduced": "0"}]}]},
    ],
}  # fmt: skip
WITHDRAWN = REVIEWED | {"id": "GHSA-9999-9999-9999", "aliases": [], "withdrawn": "2026-11-26T00:00:00Z"}  # fmt: skip
PUBLISHED = (REVIEWED, OF_PYTHON, MALICIOUS, OF_DEBIAN, WITHDRAWN)


@pytest.mark.parametrize(
    ("version", "numbers", "fixed"),
    [
        ("1.5", "GHSA-2222-3333-4444、PYSEC-2026-77", ("1.6",)),
        ("1.0a1", "GHSA-2222-3333-4444、PYSEC-2026-77", ("1.6",)),
        ("0.5", "PYSEC-2026-77", ("1.6",)),
        ("2.1", "GHSA-2222-3333-4444", ()),
        ("1.6", None, ()),
        ("2.2", None, ()),
    ],
)
def test_what_several_databases_publish_of_one_fault_is_told_once(
    tmp_path, version, numbers, fixed
):
    told = found(tmp_path, *PUBLISHED, version=version)
    assert [(each.advisory, each.fixed) for each in told] == ([(numbers, fixed)] if numbers else [])


def test_a_fault_is_told_with_its_title_and_how_bad_it_is(tmp_path):
    [told] = found(tmp_path, *PUBLISHED)
    assert "（高危） Some package reads what it should not；已在 1.6 修复" in str(told)
    (tmp_path / "alone").mkdir()
    [told] = found(tmp_path / "alone", OF_PYTHON, version="0.5")
    assert "PYSEC-2026-77 Reads what it should not.；" in str(told)


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("some-package", "1.5.0", ["MAL-2026-1234"]),
        ("some-package", "1.5.1", []),
        ("@scope/other", "0.0.1", ["MAL-2026-1234"]),
        ("other", "0.0.1", []),
    ],
)
def test_malice_is_told_of_the_versions_that_have_it(tmp_path, name, version, expected):
    told = found(tmp_path, *PUBLISHED, version=version, name=name, ecosystem=NPM)
    assert [each.advisory for each in told] == expected


def test_faults_that_have_nothing_in_common_stay_apart(tmp_path):
    other = REVIEWED | {"id": "GHSA-5555-5555-5555", "aliases": ["CVE-2026-1"]}
    assert len(found(tmp_path, *PUBLISHED, other)) == 2


def test_a_version_that_nobody_understands_is_not_passed_over(tmp_path):
    with pytest.raises(ListError, match="TEST-1 的版本号 2004d 看不懂"):
        found(tmp_path, entry(ranges=[between("introduced", "0", "fixed", "2004d")]))


def checked(folder, ecosystems=(PYPI,)):
    check_list(read_list(folder, set()), NOW, set(ecosystems))


def test_a_list_that_is_empty_or_knows_one_registry_only_is_refused(tmp_path):
    with pytest.raises(ListError, match="没有 PyPI 的条目"):
        checked(tmp_path)
    keep(tmp_path, entry())
    checked(tmp_path)
    with pytest.raises(ListError, match="没有 npm 的条目"):
        checked(tmp_path, [PYPI, NPM])


def test_a_list_that_is_old_is_refused_by_its_newest_entry_of_each_registry(tmp_path):
    keep(tmp_path, entry("OLD", modified=NOW - timedelta(days=400)))
    fresh = NOW - OLD_AFTER + timedelta(minutes=1)
    keep(tmp_path, entry("NEW", modified=fresh), entry("NPM", ecosystem=NPM, name="a", modified=fresh))  # fmt: skip
    checked(tmp_path, [PYPI, NPM])
    keep(tmp_path, entry("NPM", ecosystem=NPM, name="a", modified=NOW - OLD_AFTER - timedelta(minutes=1)))  # fmt: skip
    with pytest.raises(ListError, match="npm 的条目最新是 2026-11-14，已超过 14 天"):
        checked(tmp_path, [PYPI, NPM])


def test_a_list_from_the_future_is_refused(tmp_path):
    keep(tmp_path, entry(modified=NOW + AHEAD + timedelta(hours=1)))
    with pytest.raises(ListError, match="请核对这台机器的时钟"):
        checked(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"text"', b'{"id": "X"}', b'{"id": "X", "modified": "yesterday"}',
     b'{"id": "X", "modified": "2026-11-28T00:00:00Z", "affected": [{"package": "django"}]}'],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_is_named(tmp_path, content):
    keep(tmp_path, entry())
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(ListError, match=r"broken\.json 读不懂"):
        checked(tmp_path)


def test_a_zip_is_read_as_it_comes_and_a_broken_one_refused(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("TEST-1.json", json.dumps(entry(ranges=[between("introduced", "0")])))
    wanted = {(PYPI, "some-package")}
    for place in (tmp_path, path):
        assert findings([Pin(PYPI, "some-package", "1.5", "x")], read_list(place, wanted))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ListError, match="读不懂"):
        read_list(tmp_path, wanted)


def run(folder):
    return subprocess.run(
        [sys.executable, "-m", "tests.dependencies.advisories", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_ends_with_what_it_found(tmp_path):
    done = run(tmp_path / "nowhere")
    assert done.returncode == 2
    assert "没有核对：" in done.stderr and "osv.dev" in done.stderr
    today = datetime.now(UTC)
    [django] = [pin for pin in pins() if (pin.name, pin.file) == ("django", ".requirements/portal.txt")]  # fmt: skip
    of_npm = entry("TEST-2", NPM, "htmx.org", today, ranges=[between("introduced", "0", "fixed", "1.0.0", kind="SEMVER")])  # fmt: skip
    mended = entry("TEST-1", name="Django", modified=today, ranges=[between("introduced", "0", "fixed", django.version)])  # fmt: skip
    keep(tmp_path, mended, of_npm)
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"核对了 {len(pins())} 个版本，涉及 0 个" in done.stdout
    keep(tmp_path, entry("TEST-1", name="Django", modified=today, versions=[django.version]))
    done = run(tmp_path)
    assert done.returncode == 1
    assert f"django {django.version}（.requirements/portal.txt）：TEST-1" in done.stdout
