"""Answers in, a result out; kept for whoever holds its address."""
