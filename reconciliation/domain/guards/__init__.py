"""What an account may lose before somebody, or something, steps in: limits, their states, and how they are changed."""
