"""Print the schema of a database, so that two can be compared line by line."""

import re

import django

TABLES_OF_SQLITE = "SELECT name || ': ' || sql FROM sqlite_master WHERE sql IS NOT NULL"
OF_POSTGRESQL = (
    "SELECT conrelid::regclass || ': ' || conname || ' ' || pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT tgrelid::regclass || ': ' || pg_get_triggerdef(oid)"
    " FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname || ': ' || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "SELECT table_name || ': ' || column_name || ' ' || data_type || ' ' || is_nullable || ' '"
    " || COALESCE(column_default, '') || ' ' || COALESCE(character_maximum_length::text, '')"
    " FROM information_schema.columns WHERE table_schema = 'public'",
)


def lines() -> list[str]:
    from django.db import connection

    found = []
    with connection.cursor() as cursor:
        asked = (TABLES_OF_SQLITE,) if connection.vendor == "sqlite" else OF_POSTGRESQL
        for question in asked:
            cursor.execute(question)
            found += [_plain(line) for (line,) in cursor.fetchall()]
    return sorted(found)


def _plain(line: str) -> str:
    """Without casts and brackets, which PostgreSQL writes otherwise once they went through a dump."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", " ".join(line.split()))


if __name__ == "__main__":
    django.setup()
    print("\n".join(lines()))
