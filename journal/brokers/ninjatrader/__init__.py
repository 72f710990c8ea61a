"""NinjaTrader 8: the grids Executions and Trades, as CSV."""
