"""Kraken: the CSV exports Trades and Ledgers."""
