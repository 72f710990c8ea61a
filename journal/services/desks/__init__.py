"""A connection while it is open: what can be done through it at this moment, whichever way it is reached."""
