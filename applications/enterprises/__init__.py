"""Firms: who speaks for them, what they said of themselves, and their files."""
