"""Transactions as the History page exports them, in three layouts."""
