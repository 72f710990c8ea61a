"""Reconciliation in the admin: what was read, found and done to look at; tolerances to set, with a reason."""

from reconciliation.admin import divergences, guards, history, tolerances

__all__ = ["divergences", "guards", "history", "tolerances"]
