"""What all open positions risk together (docs/learning.md): Greeks, correlated bets, stress, concentration."""
