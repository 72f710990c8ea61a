"""Webull: the CSV of Orders, Export."""
