"""TopstepX: the CSV exports Trades and Orders."""
