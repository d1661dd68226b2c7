"""Packs: the catalogue written as YAML, checked as a whole and loaded in one transaction."""

from policies.packs.catalogue_pack import Packs, read_packs
from policies.packs.loader import Counts, load_packs
from policies.packs.problem import PackError, Problem

__all__ = ["Counts", "PackError", "Packs", "Problem", "load_packs", "read_packs"]
