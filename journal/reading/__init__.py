"""Statements into what the database is given, without the database: parsing, keys, and lines for COPY."""
