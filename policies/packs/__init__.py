"""Packs: the catalogue written as YAML, checked as a whole and loaded in one transaction."""

from policies.packs.loader import Counts, load_packs
from policies.packs.problem import PackError, Problem

__all__ = ["Counts", "PackError", "Problem", "load_packs"]
