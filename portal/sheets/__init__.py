"""Spreadsheets that come in: XLSX, XLS, CSV and more, within limits, read by a declaration of columns."""
