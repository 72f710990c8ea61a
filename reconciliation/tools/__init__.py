"""What assistants are told of book and broker, and of guards. They read: no tool settles, arms, or reaches a broker."""
