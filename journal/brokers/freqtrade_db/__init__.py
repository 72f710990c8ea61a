"""freqtrade's database, tradesv3.sqlite."""
