"""What readers of freqtrade's database and of its JSON share: trades and orders of the bot into records."""
