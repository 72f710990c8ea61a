"""A workspace in one file, and back: evidence and what people said are in it, what follows is derived again."""
