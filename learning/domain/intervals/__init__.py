"""How far to trust a figure: intervals for rates, means, ratios and paths, each as narrow as it can honestly be.

Trades of a week share the market's mood, so that every interval of a mean counts weeks and not trades. Import from
the modules: `blocks` alone brings in arch, which takes a second to load.
"""
