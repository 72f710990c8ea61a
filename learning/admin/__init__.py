"""Everything that was learnt, to look at. It follows from the book, so nothing of it is changed by hand."""

from learning.admin import learnt, reports, risk

__all__ = ["learnt", "reports", "risk"]
