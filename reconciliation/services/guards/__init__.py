"""Guards: what they see, when they act, and who changes them. The arithmetic is in `reconciliation.domain`."""
