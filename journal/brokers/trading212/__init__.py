"""Trading 212: the CSV of the page History."""
