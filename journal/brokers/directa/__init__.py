"""Directa SIM: the CSV of all movements."""
