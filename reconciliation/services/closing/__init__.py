"""Closing what a guard says is to be closed, and knowing that it is closed. Only the system closes."""
