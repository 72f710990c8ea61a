"""How static files are kept: by the hash of what they hold, and gzipped beside."""

from __future__ import annotations

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class GzippedStaticFiles(CompressedManifestStaticFilesStorage):
    """Without Brotli, which whitenoise takes to as soon as anybody installs it: a minute of a first start, for files
    that a browser asks for once."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(use_brotli=False, **kwargs)
