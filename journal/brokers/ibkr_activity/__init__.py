"""Interactive Brokers activity statements in CSV. What is read and what is not: docs/brokers/ibkr_activity.md."""
