"""Databases of earlier releases, migrated to this one: `tests.upgrade.record` writes them.

`recorded/` holds one file for each release and database, such as `1.0.sqlite.xz`. Until there is
one, the test records the present.
"""
