"""Interactive Brokers' TWS or Gateway, listened to as long as a process runs."""
