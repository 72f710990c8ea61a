"""The journal for programs on asyncio."""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Callable, TypeVar

from fillbook_client.journal import Journal, Status

Answer = TypeVar("Answer")


class AsyncJournal:
    """The same for programs on asyncio. Recording takes microseconds and is not awaited for anything."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.journal = Journal(*args, **options)

    async def execution(self, *args: Any, **fields: Any) -> str:
        return self.journal.execution(*args, **fields)

    async def order(self, *args: Any, **fields: Any) -> str:
        return self.journal.order(*args, **fields)

    async def recommend(self, *args: Any, **fields: Any) -> str:
        return self.journal.recommend(*args, **fields)

    async def plan(self, *args: Any, **fields: Any) -> str:
        return self.journal.plan(*args, **fields)

    async def backfill(self, *args: Any, **options: Any) -> int:
        """In a thread: it waits for the broker."""
        work = functools.partial(self.journal.backfill, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(None, work)

    async def log_recommendation(self, *args: Any, **fields: Any) -> str:
        return self.journal.log_recommendation(*args, **fields)

    async def log_trade_entry(self, *args: Any, **fields: Any) -> str:
        return self.journal.log_trade_entry(*args, **fields)

    async def log_trade_exit(self, *args: Any, **fields: Any) -> str:
        return self.journal.log_trade_exit(*args, **fields)

    async def recommendation(self, rec_id: Any) -> dict[str, Any] | None:
        """In a thread, like all that asks: it waits for the journal."""
        return await self._in_thread(self.journal.recommendation, rec_id)

    async def is_approved(self, rec_id: Any) -> bool:
        return await self._in_thread(self.journal.is_approved, rec_id)

    async def wait_for_decision(self, rec_id: Any, timeout: float) -> str:
        return await self._in_thread(self.journal.wait_for_decision, rec_id, timeout)

    async def trading_lock(self, symbol: str = "") -> dict[str, Any] | None:
        return await self._in_thread(self.journal.trading_lock, symbol)

    async def may_trade(self, symbol: str = "") -> bool:
        return await self._in_thread(self.journal.may_trade, symbol)

    async def parameters(self) -> dict[str, Any] | None:
        return await self._in_thread(self.journal.parameters)

    async def symbol(self, symbol: str) -> dict[str, Any] | None:
        return await self._in_thread(self.journal.symbol, symbol)

    async def tell_outcome(self, rec_id: Any, mark_quality: str, **fields: Any) -> bool:
        return await self._in_thread(self.journal.tell_outcome, rec_id, mark_quality, **fields)

    async def _in_thread(self, ask: Callable[..., Answer], *args: Any, **fields: Any) -> Answer:
        work = functools.partial(ask, *args, **fields)
        return await asyncio.get_running_loop().run_in_executor(None, work)

    async def status(self) -> Status:
        return await asyncio.get_running_loop().run_in_executor(None, self.journal.status)

    async def flush(self, timeout: float = 30.0) -> bool:
        return await asyncio.get_running_loop().run_in_executor(None, self.journal.flush, timeout)

    async def close(self, timeout: float = 5.0) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.journal.close, timeout)

    async def __aenter__(self) -> AsyncJournal:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
