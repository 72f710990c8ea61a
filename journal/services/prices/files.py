"""Files of prices in: kept until a worker has read them, told what came of them."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import PurePath
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from common.errors import Rejected, Unavailable
from common.uploads import file_too_large
from journal.domain.bars import interval_name
from journal.models import PriceFile, PriceFileState
from journal.prices.base import Expected, PriceRead, UnreadablePrices
from journal.prices.reader import read_prices
from journal.services.prices.storing import SeriesName, Stored, store_bars, store_splits

ATTEMPTS_MAX = 3
# Text packs to a tenth and less.
_UNPACKED_TIMES = 20
_GAVE_UP = (
    f"Reading the file was interrupted {ATTEMPTS_MAX} times and was given up; nothing of it was kept. The log of the "
    "worker says why. Split the file, or upload it again once the cause is mended."
)
_SYMBOL_NEEDED = (
    "symbol_needed",
    "Neither the file nor its name says of which symbol these bars are. Hand it in again and say it.",
)


def read_into(
    workspace_id: int, stream: BinaryIO, name: str, expected: Expected
) -> tuple[PriceRead, Stored | None, int]:
    """Bars (None where the file has splits only) and how many splits were new. Raises UnreadablePrices; then nothing of
    it was kept."""
    unpacked_max = settings.STATEMENT_SIZE_MAX_BYTES * _UNPACKED_TIMES
    with transaction.atomic():
        read = read_prices(stream, name, expected, unpacked_max=unpacked_max)
        if not read.symbol:
            raise UnreadablePrices(*_SYMBOL_NEEDED)
        series = SeriesName(read.symbol, read.seconds, read.source, read.zone, read.is_adjusted)
        if read.splits:
            new = store_splits(workspace_id, read.symbol, read.source, read.splits)
            return read, None, new
        stored = store_bars(workspace_id, series, read.bars)
        if not stored.read:
            raise UnreadablePrices("no_bars", _no_bars(read))
    return read, stored, 0


def _no_bars(read: PriceRead) -> str:
    if not read.problems:
        return "The file holds no bars."
    row, why = read.problems[0]
    return f"No row of the file is a bar. Row {row}: {why}."


def receive_price_file(
    workspace_id: int, stream: IO[bytes], *, name: str, expected: Expected, author_id: int | None
) -> PriceFile:
    """To be read by `read_price_file`. Raises Rejected, TooLarge, Unavailable."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if not size:
        raise Rejected("empty_file", f"“{PurePath(name).name}” is empty.")
    if size > settings.STATEMENT_SIZE_MAX_BYTES:
        raise file_too_large(settings.STATEMENT_SIZE_MAX_BYTES)
    stored_as = f"prices/{workspace_id}/{secrets.token_hex(16)}"
    try:
        stored_as = default_storage.save(stored_as, File(stream))
    except OSError as error:
        _remove(stored_as)
        raise Unavailable(
            "file_not_stored",
            f"The file could not be stored ({error.strerror or error}). Whoever runs this installation has to make "
            "room where Fillbook keeps its files; then upload it again.",
        ) from error
    return PriceFile.objects.create(
        workspace_id=workspace_id,
        name=PurePath(name).name[:255],
        stored_as=stored_as,
        size_bytes=size,
        expectation=asdict(expected),
        author_id=author_id,
    )


def read_price_file(file_id: int) -> PriceFile | None:
    """Safe to run twice, and again after a worker died in it. None where it is gone, or at work elsewhere."""
    waiting = PriceFile.objects.filter(pk=file_id, state=PriceFileState.WAITING)
    if not waiting.update(attempts=F("attempts") + 1):
        return None
    with transaction.atomic():
        file = PriceFile.objects.select_for_update(skip_locked=True).filter(pk=file_id).first()
        if file is None or file.state != PriceFileState.WAITING:
            return None
        if file.attempts > ATTEMPTS_MAX:
            file.state, file.code, file.message = PriceFileState.REFUSED, "gave_up", _GAVE_UP
        else:
            _read(file)
        file.save()
    if file.state != PriceFileState.WAITING:
        _remove(file.stored_as)
    return file


def _read(file: PriceFile) -> None:
    expected = Expected(**file.expectation)
    try:
        with default_storage.open(file.stored_as, "rb") as opened:
            stream = cast("BinaryIO", opened)
            read, stored, splits = read_into(file.workspace_id, stream, file.name, expected)
    except UnreadablePrices as error:
        file.state, file.code, file.message = PriceFileState.REFUSED, error.code, error.message
    except OSError as error:
        file.state, file.code = PriceFileState.REFUSED, "stored_file_missing"
        file.message = (
            f"The file is gone from the file storage ({error.strerror or error}). Upload it again."
        )
    else:
        file.state = PriceFileState.DONE
        _tell(file, read, stored, splits)


def _tell(file: PriceFile, read: PriceRead, stored: Stored | None, splits: int) -> None:
    file.bad_rows, file.problems = read.bad_rows, [list(one) for one in read.problems]
    file.notes = [note[:255] for note in read.notes]
    if stored is None:
        file.message = f"{len(read.splits)} splits of {read.symbol}, {splits} of them new."
        return
    file.series, file.bars = stored.series, stored.read
    file.added, file.changed = stored.added, stored.changed
    file.message = f"{read.symbol}, bars of {interval_name(read.seconds)}"
    if stored.unfinished:
        file.notes.append(f"{stored.unfinished} bars that are not over yet were left out.")


def outcome_of(read: PriceRead, stored: Stored | None, splits: int) -> dict[str, Any]:
    """The same for a program."""
    told: dict[str, Any] = {"symbol": read.symbol, "source": read.source}
    if stored is None:
        told |= {"splits": len(read.splits), "new_splits": splits}
    else:
        told |= {
            "series": stored.series.pk,
            "interval": interval_name(read.seconds),
            "zone": stored.series.zone,
            "basis": stored.series.basis,
            "bars": stored.read,
            "added": stored.added,
            "changed": stored.changed,
            "unfinished": stored.unfinished,
        }
    problems = [{"row": row, "message": why} for row, why in read.problems]
    return {**told, "bad_rows": read.bad_rows, "problems": problems, "notes": read.notes}


def _remove(name: str) -> None:
    with suppress(OSError):
        default_storage.delete(name)
