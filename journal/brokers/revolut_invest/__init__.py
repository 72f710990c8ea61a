"""Revolut: the account statement of stocks and funds, CSV."""
