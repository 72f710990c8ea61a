"""Fills that somebody entered by hand, as the document that the form of entries writes."""
