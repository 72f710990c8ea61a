"""The deals of the MetaTrader5 package as JSON."""
