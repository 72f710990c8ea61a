"""How likely a trade is to win: a ladder of models, each used only where it was better than the base rate (§3.7)."""
