"""One pull's conversation with one exchange: signed by ccxt, again where that helps, and a fault where it does not.

What is asked here only reads, so asking twice does no harm; what changes something goes by `live.send_once`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from importlib import import_module
from typing import Any, TypeVar
from zlib import crc32

from journal.brokers.ccxt_json.answers import read_answer
from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.wire import Wire
from journal.brokers.fetching import Link, PullFault, Rate, Verdict
from journal.brokers.pull_faults import half_answer

ATTEMPTS = 5
_LONGEST_PAUSE = 60.0
# What nothing depends on is not waited for any longer.
_GLANCE_SECONDS = 3.0
# Lengthens what an exchange takes for "now", for clocks that differ by less than that.
_RECEIVE_MS = 10_000
# What comes of an answer of another shape than the one that is known.
_SHAPE_ERRORS = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError)
Result = TypeVar("Result")
Row = dict[str, Any]


class _Silent(logging.Logger):
    """ccxt writes headers to its log, key and signature among them."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging's name
        return False


class Talk:
    """Every method raises PullFault."""

    def __init__(
        self,
        link: Link,
        exchange: str,
        rates: Sequence[Rate],
        options: Mapping[str, Any] | None = None,
        codes: Mapping[str, str] | None = None,
    ) -> None:
        """`codes` are answers that ccxt does not sort, with the name of the kind of error that they are."""
        self.link = link
        self.exchange = exchange
        self._rates = tuple(rates)
        self._is_clock_set = False
        key = link.credentials.get("api_key", "").strip()
        # The exchange counts by the key or by the address; a digest tells keys apart and gives none away.
        self._whom = f"{exchange}:{sha256(key.encode()).hexdigest()[:16]}"
        self._wire = Wire(link, self._take_turn)
        self.ccxt = self._make(exchange, key, dict(options or {}))
        self.name = str(self.ccxt.name or exchange)
        for code, kind in (codes or {}).items():
            self.know(code, kind)

    def know(self, code: str, kind: str, part: str = "") -> None:
        """What an answer's code means; `part` where ccxt keeps the codes of parts of an exchange apart."""
        known = self.ccxt.exceptions[part] if part else self.ccxt.exceptions
        known["exact"][code] = getattr(import_module("ccxt"), kind)

    def _make(self, exchange: str, key: str, options: dict[str, Any]) -> Any:
        # It brings a hundred exchanges along: a third of a second that only pulls have to spend.
        ccxt = import_module("ccxt")
        if exchange not in ccxt.exchanges:
            raise faults.exchange_unknown(exchange)
        secrets = self.link.credentials
        made = getattr(ccxt, exchange)(
            {
                "apiKey": key,
                "secret": secrets.get("api_secret", "").strip(),
                "password": secrets.get("passphrase", "").strip(),
                "enableRateLimit": False,  # taking turns is the link's, shared by all workers
                "session": self._wire,
                "logger": _Silent("ccxt"),
                "options": {"recvWindow": _RECEIVE_MS, **options},
            }
        )
        made.session = self._wire
        made.number = str
        made.trust_env = False
        made.has["fetchCurrencies"] = False  # needs rights that reading trades does not
        made.milliseconds = lambda: int(self.link.now().timestamp() * 1000)
        made.on_json_response = _read_json
        if secrets.get("environment") == "demo":
            self._use_demo(made)
        return made

    def _use_demo(self, made: Any) -> None:
        """Accounts with invented money: under another name at each exchange, or not at all."""
        if made.has.get("sandbox") is False:
            raise faults.not_offered(str(made.name))
        if made.id == "bybit":
            made.enable_demo_trading(True)
        else:
            made.set_sandbox_mode(True)

    def _take_turn(self) -> None:
        self.link.take_turn(self._whom, *self._rates)

    # -- asking

    def ask(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        is_whole: Callable[[Any], bool] | None = None,
    ) -> Row:
        """One of ccxt's methods that answer as the exchange does: an object. `is_whole` says what else it must be."""
        question = partial(getattr(self.ccxt, method), dict(params or {}))
        answer = self.call(
            question, lambda found: _is_object(found) and (is_whole is None or is_whole(found))
        )
        return answer if isinstance(answer, dict) else {}

    def ask_list(self, method: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """The same where the answer is a list of objects."""
        return self.call(lambda: getattr(self.ccxt, method)(dict(params or {})), is_rows)

    def unified(self, method: str, *arguments: Any, **more: Any) -> list[Row]:
        """One of ccxt's unified methods that answer with a list of structures."""
        return self.call(lambda: getattr(self.ccxt, method)(*arguments, **more), is_rows)

    def glance(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Asked once and not for long: what nothing depends on. None where there is no answer. Raises PullFault only
        where nothing more may be asked."""
        self._wire.seconds = _GLANCE_SECONDS
        try:
            return getattr(self.ccxt, method)(dict(params or {}))
        except PullFault as fault:
            if fault.verdict is not Verdict.LATER:
                raise
        except Exception as error:
            found = self._fault_of(error)
            if found.code == "banned":
                raise found from None
        finally:
            self._wire.seconds = None
        return None

    def call(self, question: Callable[[], Result], is_whole: Callable[[Any], bool]) -> Result:
        """The answer, after a few attempts where it fails in a way that passes."""
        fault = half_answer(self.name)
        for attempt in range(ATTEMPTS):
            if attempt:
                self.link.sleep(self._pause(attempt, fault))
            try:
                answer = question()
            except PullFault:
                raise
            except Exception as error:
                fault = self._fault_of(error)
            else:
                if is_whole(answer):
                    return answer
                fault = half_answer(self.name)
            if fault.verdict is not Verdict.LATER or fault.code == "banned":
                break
        # Without what caused it: ccxt's sentence holds the address with its signature.
        raise fault from None

    def _fault_of(self, error: Exception) -> PullFault:
        kinds = frozenset(kind.__name__ for kind in type(error).__mro__)
        if "BaseError" not in kinds:
            if isinstance(error, _SHAPE_ERRORS):
                # ccxt trusts that an answer has the shape that it knows.
                return half_answer(self.name)
            raise error
        if "InvalidNonce" in kinds and not self._is_clock_set:
            self._is_clock_set = True
            self._set_clock()
        return faults.of_error(kinds, self.name, self._wire.heard)

    def _set_clock(self) -> None:
        """ccxt then signs by the exchange's clock. Where it does not know how to ask, nothing is lost."""
        try:
            self.ccxt.load_time_difference()
        except PullFault:
            raise
        except Exception:
            self.ccxt.options["timeDifference"] = self.ccxt.options.get("timeDifference", 0)

    def _pause(self, attempt: int, fault: PullFault) -> float:
        """Doubling, and spread so that connections which failed together do not come back together."""
        if fault.code == "clock_differs":
            return 1.0
        spread = 0.5 + crc32(f"{self._whom}{attempt}".encode()) % 1000 / 2000
        pause = min(_LONGEST_PAUSE, 2.0**attempt) * spread
        return max(pause, fault.wait.total_seconds() if fault.wait else 0.0)

    @property
    def heard(self) -> faults.Heard:
        """The last answer."""
        return self._wire.heard

    # -- what markets there are

    def load_markets(self) -> None:
        if not self.ccxt.markets:
            self.call(self.ccxt.load_markets, bool)

    def market(self, id_: str, *kinds: str) -> Row | None:
        """The market that the exchange calls so, of one of the kinds (spot, swap, future, option), or None."""
        found = self.ccxt.markets_by_id.get(id_) or []
        return next((one for one in found if one["type"] in kinds), None)

    def parsed(self, method: str, row: Row, market: Row | None, answer: object) -> Row:
        """The row as ccxt's structure; as our reader has it where the market is gone and ccxt no longer knows it, or
        where ccxt stumbles. `answer` is the row as the exchange would answer it."""
        if market is not None:
            with suppress(*_SHAPE_ERRORS):
                return dict(getattr(self.ccxt, method)(row, market))
        found = read_answer(answer)
        return found.rows[0] if found else {"info": row}

    def sizes(self, symbols: set[str]) -> Row:
        """What a document says of its contracts' markets."""
        markets = self.ccxt.markets or {}
        return {
            symbol: {
                "id": markets[symbol]["id"],
                "contractSize": _plain(markets[symbol].get("contractSize")),
            }
            for symbol in sorted(symbols)
            if symbol in markets and markets[symbol].get("contract")
        }


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def _read_json(text: str) -> Any:
    """Numbers with a fraction stay the texts that they are."""
    return json.loads(text, parse_float=str)


def _is_object(answer: object) -> bool:
    return isinstance(answer, dict)


def is_rows(answer: object) -> bool:
    return isinstance(answer, list) and all(isinstance(one, dict) for one in answer)


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def moment(stated: object) -> datetime:
    """Of milliseconds. Raises ValueError, TypeError."""
    return datetime.fromtimestamp(int(str(stated)) / 1000, UTC)


def windows(
    since: datetime, until: datetime, longest: timedelta
) -> list[tuple[datetime, datetime]]:
    """Windows one behind the other, none longer than an exchange allows, without a gap."""
    found = []
    while since < until:
        end = min(until, since + longest)
        found.append((since, end))
        since = end
    return found
