"""Applications and all that happens to them until they are decided."""
