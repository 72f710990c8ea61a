"""Fidelity: the CSV of the page Activity, of one account or of all."""
