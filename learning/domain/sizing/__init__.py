"""How much to risk on a trade, and what that may lead to (docs/learning.md)."""
