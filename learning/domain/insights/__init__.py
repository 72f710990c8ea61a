"""What is said of one closed trade: what was done, whether it was a good bet, how lucky it was, what it taught.

Only the first block praises or blames, and it is never given the outcome: good decisions lose, and bad ones win.
"""
