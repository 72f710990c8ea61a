"""Swissquote: the CSV of Transactions."""
