"""freqtrade's JSON: results of backtests, and trades as its API and `show-trades` write them."""
