"""The paper broker's accounts: where they are kept, and what can be done at them by hand."""
