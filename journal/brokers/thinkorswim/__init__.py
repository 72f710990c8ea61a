"""thinkorswim: the account statement of the platform, CSV."""
