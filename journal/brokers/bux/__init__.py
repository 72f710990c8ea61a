"""BUX: the CSV of all transactions."""
