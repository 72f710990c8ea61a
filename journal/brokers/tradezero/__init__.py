"""TradeZero: trades and the cash journal, CSV."""
