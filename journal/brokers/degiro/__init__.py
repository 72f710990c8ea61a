"""DEGIRO: the CSV of the page Transactions."""
