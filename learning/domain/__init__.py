"""What closed trades teach, as pure functions of what was known then: no Django, no clock, no I/O, no own dice."""
