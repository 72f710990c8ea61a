"""Captured records: what bots report, in one shape for every broker."""
