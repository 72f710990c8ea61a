"""E*TRADE: the CSV of the page Transactions, as it was until 2025 and as it is since."""
