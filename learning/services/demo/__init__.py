"""A season of trading that there is something to learn from, told through the doors of the book."""
