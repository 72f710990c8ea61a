"""How static files are kept: by the hash of what they hold, and gzipped beside."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzippedStaticFiles(CompressedManifestStaticFilesStorage):
    """Without Brotli, which whitenoise takes to as soon as anybody installs it: a minute of a first start, for files
    that a browser asks for once."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(use_brotli=False, **kwargs)


def collect_changed() -> bool:
    """Collects the static files anew, and says so, where any that they are made of is another or one is missing."""
    folder = Path(settings.STATIC_ROOT)
    made_from, kept = folder / ".made-from", _sources()
    if made_from.is_file() and made_from.read_text() == kept and _is_whole(folder):
        return False
    made_from.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    made_from.write_text(kept)
    return True


def _sources() -> str:
    """Of where they lie, their sizes and when they were written."""
    told = blake2b(
        f"{settings.STATIC_URL}{settings.STORAGES['staticfiles']}".encode(), digest_size=16
    )
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            told.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return told.hexdigest()


def _is_whole(folder: Path) -> bool:
    names = GzippedStaticFiles(location=str(folder)).hashed_files
    return bool(names) and all((folder / name).is_file() for name in names.values())
