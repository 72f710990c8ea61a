"""Readers of files of price bars."""
