"""Telling people what wants them: where, what, and that it arrives."""
