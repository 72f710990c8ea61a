"""The bridge beside a MetaTrader 5 terminal: what happens in the account there is pushed to a journal.

The MetaTrader5 package works on Windows only, and talks to a terminal that runs on the same machine and is signed in.
Everything else here runs anywhere. Nothing is ever written to the terminal.
"""
