"""What tastytrade's export and its API have in common: symbols, words, and what rows do to a position."""
