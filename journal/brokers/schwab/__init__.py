"""Charles Schwab: the CSV of the page Transaction History."""
