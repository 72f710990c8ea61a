"""Interactive Brokers' TWS and Gateway in real time: what their API says, as captured records.

Nothing here opens a connection or knows ib_async: the objects that come in are anything with the attributes of the
API's contracts, orders, executions and commission reports.
"""
