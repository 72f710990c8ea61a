"""eToro: the sheet Account Activity of the account statement, as CSV."""
