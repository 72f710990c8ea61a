"""Revolut: the account statement of coins, CSV, as it was until 2024 and as it is since."""
