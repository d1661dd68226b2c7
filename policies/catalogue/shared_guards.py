"""What rules, amounts and editions use of the shared rows stays as it is."""

from collections.abc import Iterable, Mapping

from policies.rules.derived import BUILT_IN, DERIVED
from portal.guards import Guard, Hold, changed, mentions

FACT_STAYS = (
    "这个指标已用于条件、金额或推算，不能删除，也不能改键、类型、单位，不能收窄范围或去掉选项；"
    "文字可以改。要改别的，请另建指标。"
)
FACT_BOUNDS_STAY = (
    "这个指标已用于条件或金额，最小值不能改，比例的最大值也不能改：企业没填时按它估算上下限，"
    "改了以后，以前的申报重新计算就不一样了。要改的，请另建指标。"
)
FORMULA_STAYS = "这个版本的公式已有发布的政策版本在用，不能改动或删除；要改算法，请另起一个版本，从新的日期起用。"
FORMULA_IS_NAMED = "还有条件或金额用这个公式，它只剩这一个版本，不能删除；公式的键也不能改。"
KEY_IS_TAKEN = "指标和公式不能用同一个键。"
DOCUMENT_STAYS = "文号不能改，引用过的文件不能删除；没有引用的可以删除后重新录入。"
CONFLICT_STAYS = "口径说明的编号不能改；已有项目、条件或奖补用到的不能删除。"
PROGRAMME_TIER = "梯度的指标应是已有的指标，称号应是它的一个选项。"
PROGRAMME_STAYS = f"项目的编号不能改；发布过版本后，适用地区也不能改，不能删除。{PROGRAMME_TIER}"
SCREENED_WITH_REASON = "参与自测的改动要写明原因和时间。"
GONE = "这里用到的指标、口径说明或行政区划刚被删除。"
AREA_IS_USED = "项目、条件或金额用到这个行政区划，不能删除。"
# The columns of an edition that hold rules, amounts and the codes of conflicts.
RULE_COLUMNS = {
    "catalogue_criterion": ('"rule"', '"when"'),
    "catalogue_award": ('"unsplit"', '"undecided"', '"conflicts"'),
    "catalogue_tranche": (
        '"amount"',
        '"now_when"',
        '"past_when"',
        '"void_when"',
        '"conflicts"',
    ),
}
# Where facts are named in what formulas compute: as they are now, and as editions carry them.
FORMULA_COLUMNS = {"catalogue_formula": ('"quantity"',), "catalogue_edition": ('"formulas"',)}
# With those that are no JSON but hold one code.
NAMING_COLUMNS = RULE_COLUMNS | {
    "catalogue_criterion": (*RULE_COLUMNS["catalogue_criterion"], '"reason"'),
    "catalogue_award": (*RULE_COLUMNS["catalogue_award"], '"same_money"'),
}


def in_editions(word: str) -> str:
    """The condition that a rule or an amount of any edition, also a draft, names the word."""
    return _named_in(RULE_COLUMNS, word)


def in_formulas(word: str) -> str:
    """The condition that a formula, or what an edition carries of one, names the word."""
    return _named_in(FORMULA_COLUMNS, word)


def _named_in(tables: Mapping[str, tuple[str, ...]], word: str) -> str:
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE"  # noqa: S608 (constants)
        f" {' OR '.join(mentions(column, word) for column in columns)})"
        for table, columns in tables.items()
    )


def held_by_editions(
    held: str,
    key: str,
    strength: str = "KEY SHARE",
    tables: Mapping[str, tuple[str, ...]] = NAMING_COLUMNS,
) -> tuple[Hold, ...]:
    """What rules and amounts name stays until whoever writes them is done."""
    named = f"held.{key} = ANY (words)"
    return tuple(
        Hold(table, tuple(column.strip('"') for column in columns), held, GONE, named, strength)
        for table, columns in tables.items()
    )


def one_of(column: str, codes: Iterable[str]) -> str:
    quoted = ", ".join(f"'{code}'" for code in sorted(codes))
    return f"{column} IN ({quoted})"


# What an answer to the fact means: it may take in more, never less and nothing else.
_MEANING_CHANGES = " OR ".join(
    (
        changed(("type", "unit")),
        "(NEW.minimum IS NOT NULL AND (OLD.minimum IS NULL OR NEW.minimum > OLD.minimum))",
        "(NEW.maximum IS NOT NULL AND (OLD.maximum IS NULL OR NEW.maximum < OLD.maximum))",
        "(NEW.decimals IS NOT NULL AND (OLD.decimals IS NULL OR NEW.decimals < OLD.decimals))",
        "EXISTS (SELECT 1 FROM json_each(OLD.choices) AS kept WHERE kept.key NOT IN"
        " (SELECT still.key FROM json_each(NEW.choices) AS still))",
    )
)
# What is known of an answer that is not there; of other numbers the most only keeps slips out.
_BOUNDS_CHANGE = f"{changed(('minimum',))} OR (OLD.type = 'ratio' AND ({changed(('maximum',))}))"


def undated(key: str) -> str:
    """The key without its place in time, as policies.rules.years.dated gives it."""
    return (
        f"(CASE WHEN SUBSTR({key}, LENGTH({key}) - 2, 2) = '.y'"
        f" THEN SUBSTR({key}, 1, LENGTH({key}) - 3) ELSE {key} END)"
    )


UNDATED_KEY = undated("OLD.key")


def fact_guards(is_used: str, message: str) -> tuple[Guard, Guard]:
    """A fact that the SQL condition over OLD finds in use stays; for the room that uses it."""
    return (
        Guard("catalogue_fact", "DELETE", is_used, message),
        Guard("catalogue_fact", "UPDATE", f"({_MEANING_CHANGES}) AND ({is_used})", message),
    )


_fact_is_used = (
    f"{one_of('OLD.key', BUILT_IN)} OR {in_editions('OLD.key')} OR {in_formulas('OLD.key')}"  # noqa: S608 (constants)
    " OR EXISTS (SELECT 1 FROM catalogue_programme WHERE tier_fact = OLD.key)"
)
_formula_is_pinned = (
    "EXISTS (SELECT 1 FROM catalogue_edition WHERE status <> 'draft'"  # noqa: S608 (constants)
    f" AND {mentions('formulas', 'OLD.key')}"
    f" AND {mentions('formulas', 'CAST(OLD.effective_from AS TEXT)')})"
)
_formula_is_last = (
    "NOT EXISTS (SELECT 1 FROM catalogue_formula AS other"
    " WHERE other.key = OLD.key AND other.id <> OLD.id)"
)
_FORMULA_SAYS = ("key", "effective_from", "label", "unit", "quantity")
_conflict_is_used = (
    f"{in_editions('OLD.code')}"  # noqa: S608 (constants)
    " OR EXISTS (SELECT 1 FROM catalogue_criterion WHERE reason = OLD.code)"
    " OR EXISTS (SELECT 1 FROM catalogue_award WHERE same_money = OLD.code)"
    " OR EXISTS (SELECT 1 FROM catalogue_programme_conflicts WHERE conflict_id = OLD.code)"
)
_tier_is_unknown = (
    "NEW.tier_fact <> '' AND NOT EXISTS (SELECT 1 FROM catalogue_fact AS fact,"
    " json_each(fact.choices) AS title"
    " WHERE fact.key = NEW.tier_fact AND title.key = NEW.tier_code)"
)
_was_published = (
    "EXISTS (SELECT 1 FROM catalogue_edition WHERE programme_id = OLD.id AND status <> 'draft')"
)
_is_cited = "EXISTS (SELECT 1 FROM catalogue_citation WHERE document_id = OLD.id)"
_area_is_used = (
    f"{in_editions('OLD.code')}"  # noqa: S608 (constants)
    " OR EXISTS (SELECT 1 FROM catalogue_programme WHERE area_id = OLD.code)"
)
_programme_moves = (
    f"{changed(('id',))} OR (OLD.area_id <> NEW.area_id AND {_was_published})"
    f" OR (({changed(('tier_fact', 'tier_code'))}) AND {_tier_is_unknown})"
)
_screened_in_silence = (
    "OLD.screened <> NEW.screened AND (NEW.screened_reason = ''"
    " OR NEW.screened_at IS NULL OR NOT (OLD.screened_at IS DISTINCT FROM NEW.screened_at))"
)
_fact_deleted, _fact_changed = fact_guards(_fact_is_used, FACT_STAYS)
GUARDS = (
    _fact_deleted,
    Guard(
        _fact_changed.table,
        "UPDATE",
        f"{changed(('key',))} OR ({_fact_changed.condition})",
        FACT_STAYS,
    ),
    Guard(
        "catalogue_fact",
        "UPDATE",
        f"({_BOUNDS_CHANGE}) AND ({in_editions('OLD.key')} OR {in_formulas('OLD.key')})",
        FACT_BOUNDS_STAY,
        "bounds",
    ),
    Guard(
        "catalogue_fact",
        "INSERT",
        "EXISTS (SELECT 1 FROM catalogue_formula WHERE key = NEW.key)",
        KEY_IS_TAKEN,
    ),
    Guard(
        "catalogue_formula",
        "INSERT",
        f"{one_of('NEW.key', DERIVED)}"  # noqa: S608 (constants)
        " OR EXISTS (SELECT 1 FROM catalogue_fact WHERE key = NEW.key)",
        KEY_IS_TAKEN,
    ),
    Guard(
        "catalogue_formula",
        "UPDATE",
        f"({changed(_FORMULA_SAYS)}) AND {_formula_is_pinned}",
        FORMULA_STAYS,
    ),
    Guard("catalogue_formula", "UPDATE", changed(("key",)), FORMULA_IS_NAMED, "key"),
    Guard("catalogue_formula", "DELETE", _formula_is_pinned, FORMULA_STAYS),
    Guard(
        "catalogue_formula",
        "DELETE",
        f"{_formula_is_last} AND ({in_editions('OLD.key')})",
        FORMULA_IS_NAMED,
        "named",
    ),
    Guard("catalogue_document", "UPDATE", changed(("number",)), DOCUMENT_STAYS),
    Guard("catalogue_document", "DELETE", _is_cited, DOCUMENT_STAYS),
    Guard("catalogue_conflict", "UPDATE", changed(("code",)), CONFLICT_STAYS),
    Guard("catalogue_conflict", "DELETE", _conflict_is_used, CONFLICT_STAYS),
    Guard("catalogue_programme", "UPDATE", _programme_moves, PROGRAMME_STAYS),
    Guard("catalogue_programme", "UPDATE", _screened_in_silence, SCREENED_WITH_REASON, "screened"),
    Guard("catalogue_programme", "DELETE", _was_published, PROGRAMME_STAYS),
    Guard("catalogue_programme", "INSERT", _tier_is_unknown, PROGRAMME_TIER),
    Guard("portal_jurisdiction", "DELETE", _area_is_used, AREA_IS_USED),
    *held_by_editions("catalogue_fact", "key", "SHARE"),
    *held_by_editions("catalogue_fact", "key", "SHARE", FORMULA_COLUMNS),
    *held_by_editions("catalogue_formula", "key", tables=RULE_COLUMNS),
    *held_by_editions("catalogue_conflict", "code"),
    *held_by_editions("portal_jurisdiction", "code"),
    Hold(
        "catalogue_programme",
        ("tier_fact",),
        "catalogue_fact",
        GONE,
        "held.key = ANY (words)",
        "SHARE",
    ),
)
