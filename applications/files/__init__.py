"""Uploads: what may be stored, where it lies, and whether it is clean."""
