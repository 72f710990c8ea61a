"""What becomes of recommendations: decisions, rules, outcomes."""
