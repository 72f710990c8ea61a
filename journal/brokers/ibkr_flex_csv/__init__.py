"""Interactive Brokers: Flex queries saved as text, their trades and cash transactions."""
