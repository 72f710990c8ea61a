"""Transactions as GET /accounts/{number}/transactions answers them."""
