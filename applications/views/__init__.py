"""The firm's side of applications."""
