"""What may be said of closed trades: estimates that allow for luck, tests in weeks, and claims that have to hold."""
