"""Price bars in: stored once, whoever brings them."""
