"""Bridges beside trading terminals push what happens there."""
