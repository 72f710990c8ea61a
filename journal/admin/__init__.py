"""The journal in the admin: evidence and book to look at, corrections and settings with a reason."""

from journal.admin import audit, book, chain, corrections, evidence, settings

__all__ = ["audit", "book", "chain", "corrections", "evidence", "settings"]
