"""What people tell about differences and guards."""
