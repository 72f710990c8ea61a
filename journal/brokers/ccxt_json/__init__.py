"""Crypto exchanges through ccxt: its unified structures as JSON, and answers of exchanges as they came."""
