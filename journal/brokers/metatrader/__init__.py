"""What the MetaTrader readers share: deals, what one lot of a symbol is worth, and how both become records."""
