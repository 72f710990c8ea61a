"""From idea to outcome: plans, what joins trades to them, and why trades ended. Pure."""
