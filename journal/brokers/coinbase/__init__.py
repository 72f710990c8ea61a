"""Coinbase: the CSV of the page Taxes, Documents."""
