"""Lists that leave the site: one declaration each, written as CSV, XLSX and PDF.

Every file says who made it, when and with which filter, and carries the SHA-256 of its rows. The
canonical form that is hashed is documented in `portal.lists.canonical`.
"""
