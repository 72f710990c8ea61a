"""Telling programs what happened: signed, until it arrives."""
