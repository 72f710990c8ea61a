"""The book against the broker as pure functions over immutable values: no Django, no clock, no I/O."""
