"""Interactive Brokers Flex statements (Activity and Trade Confirmation queries, XML)."""
