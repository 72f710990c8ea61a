"""What the demo shows of reconciliation: an invented broker, and the real doors, readings, guards and decisions."""
