"""Avanza: the CSV of Transaktioner."""
