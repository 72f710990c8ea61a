"""Robinhood: the CSV of Reports and statements."""
