"""Structures: which legs are one trade, what shape they have, what they can win and lose. Pure and exact."""
