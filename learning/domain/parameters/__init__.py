"""Parameters of a scanner, learned from everything that it proposed and not only from what was traded."""
