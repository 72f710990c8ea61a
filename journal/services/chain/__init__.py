"""What joins trades to plans and recommendations, and why they ended: derived from orders, fills and people's word."""
