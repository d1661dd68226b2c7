"""The centre's side, in the Django admin."""
