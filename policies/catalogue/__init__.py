"""Programmes, dated editions and what they cite; packs that load them."""
