"""A database to look around in: `python -m tests.demo` fills an empty one, told in history.

`plan` is the table of firms and cases, `fill` puts everything together.
"""
