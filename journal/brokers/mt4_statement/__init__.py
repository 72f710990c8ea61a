"""The account statement of MetaTrader 4 in HTML."""
