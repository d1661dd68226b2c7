"""Exported packs say all that the catalogue says, and load into an empty database to the same."""

import io
import string
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from policies.catalogue.content import digest_of, edition_content, write_content, write_examples
from policies.catalogue.editions import put_in_force
from policies.catalogue.models import (
    Award,
    Citation,
    Clause,
    Conflict,
    Contact,
    Criterion,
    Document,
    Edition,
    Example,
    Fact,
    Formula,
    Material,
    Office,
    Programme,
    Step,
    Synonym,
    Tranche,
    Window,
)
from policies.catalogue.packs.export import export_packs
from policies.catalogue.packs.formulas_pack import formulas_named
from policies.catalogue.packs.loader import load_packs
from portal.models import Jurisdiction
from tests.generated import TIMES, examples
from tests.policies.packs import catalogue, load_catalogue
from tests.policies.rules.invented import EDITIONS, PRODUCTS
from tests.two_editors import retire_edition

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
few = settings(
    max_examples=examples(6),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each try fills two databases
    derandomize=TIMES == 1,
    suppress_health_check=list(HealthCheck),
)
# What a row of each is known by, whatever number the database gave it.
KEYS = {
    Jurisdiction: "code",
    Fact: "key",
    Conflict: "code",
    Synonym: "word",
    Document: "number",
    Programme: "id",
    Clause: ("document", "name"),
    Office: ("jurisdiction", "name", "telephone"),
    Formula: ("key", "effective_from"),
    Contact: ("programme", "office"),
    Window: ("programme", "title"),
    Edition: ("programme", "effective_from"),
    Criterion: ("edition", "position"),
    Award: ("edition", "position"),
    Tranche: ("award", "position"),
    Material: ("edition", "position"),
    Step: ("edition", "position"),
    Example: ("edition", "position"),
    Citation: ("criterion", "award", "position"),
}
NOT_WRITTEN = {
    "id",
    "updated_at",
    "closed_at",
    "corrects",
    "is_packed",
    "screened_reason",
    "screened_at",
}


def key_of(row):
    """Where the row stands, in words that hold in any database."""
    if row is None:
        return None
    names = KEYS[type(row)]
    if isinstance(names, str):
        return getattr(row, names)
    own = [getattr(row, name) for name in names]
    return tuple(key_of(value) if type(value) in KEYS else value for value in own)


def said_of(row):
    values = {}
    for field in row._meta.concrete_fields:
        if field.name not in NOT_WRITTEN or field.name in KEYS[type(row)]:
            value = getattr(row, field.name)
            values[field.name] = key_of(value) if type(value) in KEYS else value
    if isinstance(row, Programme):
        values["conflicts"] = sorted(row.conflicts.values_list("pk", flat=True))
    return values


def everything():
    """All rows that packs are of, by what each is known by."""
    return {
        model.__name__: {
            key_of(row): said_of(row)
            for row in model.objects.select_related()
            if not (isinstance(row, Edition) and not row.is_standing)
        }
        for model in KEYS
    }


class UndoneError(Exception):
    pass


@contextmanager
def undone():
    """What is done within leaves the database as it was."""
    try:
        with transaction.atomic():
            yield
            raise UndoneError
    except UndoneError:
        pass


@contextmanager
def written(files):
    with TemporaryDirectory() as name:
        for path, text in files.items():
            (Path(name) / path).parent.mkdir(exist_ok=True)
            (Path(name) / path).write_text(text, encoding="utf-8")
        yield Path(name)


def assert_loads_to(files, before, of=None):
    """Into an empty database: the same rows, and from there the same files."""
    with written(files) as folder, undone():
        counts = load_packs(folder, timezone.now())
        assert not counts.kept
        now = everything()
        for name, rows in now.items():
            for key, row in rows.items():
                own = before[name][key]
                if of is not None:  # among others, and with the parts of others
                    own = {**own, "position": row.get("position"), "parts": row.get("parts")}
                    row = {"position": None, "parts": None, **row}
                assert row == own, key
        if of is None:
            assert {name: rows.keys() for name, rows in now.items()} == {
                name: rows.keys() for name, rows in before.items()
            }
        assert export_packs(of) == files


def test_the_whole_catalogue_comes_back_from_its_files():
    with undone():
        load_catalogue()
        files, before = export_packs(), everything()
        assert len(before["Edition"]) > 80
        assert len(before["Example"]) > 80
    assert_loads_to(files, before)


@few
@given(
    st.sets(
        st.sampled_from([each.row["id"] for each in catalogue().programmes]), min_size=1, max_size=4
    )
)
def test_some_programmes_come_back_with_all_that_they_rest_on(wanted):
    with undone():
        load_catalogue()
        files, before = export_packs(wanted), everything()
    assert_loads_to(files, before, wanted)


def test_what_is_part_of_a_catalogue_changes_nothing_else_there():
    load_catalogue()
    before = everything()
    with written(export_packs(["jc-xsg", "yun-xsg"])) as folder:
        counts = load_packs(folder, timezone.now())
    assert not (counts.new or counts.changed or counts.kept or counts.corrected)
    assert everything() == before


# --- invented ones ------------------------------------------------------------------------

# Whatever an editor may type, and what YAML takes for something else than text.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
    st.sampled_from(
        ["是", "yes", "N", "null", "~", "1e3", "0x1F", "10", "10-08", "1:30", "2026-01-01", "- 一", "# 二",
         "a: b", "[x]", "{x}", "'", '"', "*a", "&a", "!x", "%", "@", "`", "三，四", "<<", "=", "0.10", "行\n行"]
    ),
).filter(lambda text: text == text.strip() and text)  # fmt: skip
NUMBERS = st.one_of(st.integers(0, 10**12), st.sampled_from([0.000001, 1e-05, 2000.0, 0.1, 1e16]))
CODES = st.text(string.ascii_uppercase, min_size=1, max_size=3)
ROWS = st.lists(st.fixed_dictionaries({"name": TEXTS}, optional={"note": TEXTS}), max_size=2)
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["county", "city"]),
            "actor": TEXTS,
            "title": TEXTS,
            "kind": st.sampled_from(["apply", "review", "notice"]),
        },
        optional={"text": TEXTS, "time_limit": TEXTS, "working_days": st.integers(1, 30)},
    ),
    max_size=2,
)
MORE = {
    "headline": NUMBERS.filter(bool),
    "claw_back": st.fixed_dictionaries({"when": TEXTS}, optional={"share": st.just(0.5)}),
    "same_money": st.just("C38"),
    "conflicts": st.just(["C01"]),
}
PROGRAMMES = st.fixed_dictionaries(
    {
        "programme": st.fixed_dictionaries({"name": TEXTS, "summary": TEXTS | st.just(""), "family": TEXTS}),
        "edition": EDITIONS,
        "more": st.fixed_dictionaries({}, optional=MORE),
        "words": st.lists(TEXTS, min_size=3, max_size=3),
        "notices": st.lists(TEXTS, max_size=2),
        "materials": ROWS,
        "steps": STEPS,
        "contacts": st.lists(st.tuples(TEXTS, TEXTS | st.just("")), max_size=3, unique_by=lambda each: each[0]),
        "window": st.tuples(TEXTS, st.sampled_from([(None, None), (10, None), (2, 28)])),
        "firm": st.dictionaries(st.sampled_from(["stat.first_upgrade_year"]), st.just(2024)),
        "title": TEXTS,
        "is_retired": st.booleans(),
    }
)  # fmt: skip


def make(invented):
    """The programme with one edition in force, as an editor would have made it by now."""
    product = {
        name: getattr(PRODUCTS, name) for name in ("key", "section", "label", "type", "choices")
    }
    Fact.objects.create(position=1000, unit=PRODUCTS.unit, **product)
    document = Document.objects.create(
        number=f"测〔2021〕{''.join(invented['words'][0].split())}", title="甲", issuer="乙"
    )
    programme = Programme.objects.create(
        id="invented",
        kind="cash",
        benefit="money",
        area_id="140500",
        position=7,
        **invented["programme"],
    )
    sources = [
        {"document": document.number, "clause": invented["words"][1]},
        {"document": document.number},
    ]
    criteria = [
        {**row, "text": invented["words"][2], "sources": sources}
        for row in invented["edition"]["criteria"]
    ]
    awards = [
        {**row, **invented["more"], "sources": sources} for row in invented["edition"]["awards"]
    ]
    content = {
        "effective_from": "2021-01-01",
        "notices": invented["notices"],
        "criteria": criteria,
        "awards": awards,
        "materials": invented["materials"],
        "steps": invented["steps"],
    }
    formulas = [
        {"key": key, "effective_from": "2021-01-01", **definition}
        for key, definition in invented["edition"].get("formulas", {}).items()
    ]
    for row in formulas:
        Formula.objects.create(**row)
    edition = Edition.objects.create(
        programme=programme,
        effective_from=date(2021, 1, 1),
        notices=invented["notices"],
        formulas=formulas_named(content, formulas),
        is_packed=True,
    )
    write_content(edition, content, {document.number: document})
    write_examples(
        edition,
        [{"title": invented["title"], "on": "2026-11-20", "firm": invented["firm"]}]
        if invented["firm"]
        else [],
    )
    put_in_force(edition)
    for place, (office, note) in enumerate(invented["contacts"]):
        programme.contacts.create(
            office=Office.objects.create(
                jurisdiction_id=["140521", "140500", "140521"][place],
                name=office,
                telephone=["0356-1", "", "0356-3"][place],
                address=note,
                note=office if place else "",
            ),
            note=note,
        )
    title, (month, day) = invented["window"]
    programme.windows.create(
        title=title, wording=title, ends_month=month, ends_day=day, document=document, clause="一"
    )
    if invented["is_retired"]:
        now = timezone.now()
        retire_edition(edition, reason="不再受理", day=timezone.localdate(now), now=now)
    edition.refresh_from_db()
    return edition


@few
@given(PROGRAMMES)
def test_invented_programmes_come_back_whatever_is_typed_in_them(invented):
    with undone():
        load_catalogue()
        edition = make(invented)
        content, digest = edition_content(edition), edition.digest
        files, before = export_packs(["invented"]), everything()
    assert_loads_to(files, before, ["invented"])
    with written(files) as folder, undone():
        load_packs(folder, timezone.now())
        loaded = Edition.objects.get(programme="invented")
        assert (edition_content(loaded), loaded.digest) == (content, digest)
        assert digest_of(edition_content(loaded)) == digest
        assert (loaded.status, loaded.reason, loaded.ends) == (
            edition.status,
            edition.reason,
            edition.ends,
        )


def test_rules_are_read_by_people_with_the_fact_first_and_numbers_written_out():
    load_catalogue()
    files = export_packs()
    texts = "\n".join(files.values())
    assert "{fact: revenue.main_business.y0, at_least: 2000}" in texts
    assert "starts: '10', ends: '10'" in texts
    assert "net_profit.y3: 0.000001" in texts
    assert "effective_from: 2021-09-28" in texts
    assert "\\u" not in texts
    assert "&" not in texts.replace("R&D", "")
    assert files["facts.yaml"].startswith(
        "facts:\n- key: enterprise.city\n  section: 基本情况\n  type: enum\n"
    )


# --- by command ---------------------------------------------------------------------------


def test_the_command_writes_a_folder_that_loads(tmp_path):
    load_catalogue()
    said = io.StringIO()
    call_command("export_catalogue", str(tmp_path / "packs"), "--all", stdout=said)
    assert "写好" in said.getvalue()
    call_command("load_catalogue", str(tmp_path / "packs"), "--dry-run", stdout=said)
    assert "没有要改的。" in said.getvalue()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["new", "--programme", "jc-xsg", "no-such"], "没有项目 no-such。"),
        (["full", "--all"], "里已有内容"),
        (["new"], "--all"),
        (["file/in", "--all"], "写不了"),
    ],
)
def test_the_command_says_what_it_cannot_do(tmp_path, arguments, told):
    load_catalogue()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=told):
        call_command("export_catalogue", str(tmp_path / arguments[0]), *arguments[1:])
