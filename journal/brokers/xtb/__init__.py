"""XTB: the workbook of xStation 5, or its cash operations as CSV."""
