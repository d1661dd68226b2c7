"""The catalogue's side of the Django admin."""
