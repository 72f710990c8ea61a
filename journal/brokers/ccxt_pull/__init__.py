"""Crypto exchanges over their APIs, spoken by ccxt: what happened in an account, as documents for `ccxt_json`."""
