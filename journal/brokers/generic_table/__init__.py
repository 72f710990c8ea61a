"""Any table with a fill or a whole trade in each row, read by a mapping that says what its columns are."""
