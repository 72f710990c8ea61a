"""A broker that is not there: prices, orders, fills, refusals and outages by rule, the same again for the same seed."""
