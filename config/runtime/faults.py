class StartFailure(Exception):
    """Why the application cannot run, in one sentence that says what to do."""
