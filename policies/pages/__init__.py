"""The public pages beside the self-check: programmes, documents, calendar, error reports."""
