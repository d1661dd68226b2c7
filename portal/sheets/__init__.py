"""Spreadsheets that come in: XLSX and CSV within limits, read by a declaration of their columns."""
