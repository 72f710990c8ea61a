"""A first start is not held up by compressing: packages that bring Brotli along change nothing."""

from pathlib import Path

import brotli  # noqa: F401 - installed with what prints reports, so that this test can fail

from common.static_files import GzippedStaticFiles


def test_static_files_are_gzipped_and_nothing_else(tmp_path: Path):
    page = tmp_path / "page.css"
    page.write_text("body { margin: 0 }\n" * 200)
    compressor = GzippedStaticFiles(location=str(tmp_path)).create_compressor(
        extensions=None, quiet=True
    )
    assert [Path(name).suffix for name in compressor.compress(str(page))] == [".gz"]
