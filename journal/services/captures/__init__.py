"""What bots report while they trade: taken in at once, booked a moment later."""
