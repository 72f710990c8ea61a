"""Tradovate: the reports Fills, Orders, Performance and Position History, as CSV."""
