"""Reports orders, fills, recommendations and plans to a Fillbook journal without ever holding up a trading program."""

from fillbook_client.asynchronous import AsyncJournal
from fillbook_client.delivery import TradingLocked
from fillbook_client.journal import Journal, Status
from fillbook_client.spool import Refused

__all__ = ["AsyncJournal", "Journal", "Refused", "Status", "TradingLocked"]
