"""A start is not held up by files: packages that bring Brotli along change nothing, and nothing is made twice."""

import os
from pathlib import Path

import brotli  # noqa: F401 - installed with what prints reports, so that this test can fail
import pytest
from django.contrib.staticfiles import storage

from common.static_files import GzippedStaticFiles, collect_changed


def test_static_files_are_gzipped_and_nothing_else(tmp_path: Path):
    page = tmp_path / "page.css"
    page.write_text("body { margin: 0 }\n" * 200)
    compressor = GzippedStaticFiles(location=str(tmp_path)).create_compressor(
        extensions=None, quiet=True
    )
    assert [Path(name).suffix for name in compressor.compress(str(page))] == [".gz"]


@pytest.fixture
def page(settings, tmp_path: Path) -> Path:
    (tmp_path / "static").mkdir()
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES, "staticfiles": {"BACKEND": "common.static_files.GzippedStaticFiles"},
    }  # fmt: skip
    page = tmp_path / "static" / "page.css"
    page.write_text("body { margin: 0 }\n")
    return page


def collected(settings) -> str:
    """What browsers are given under the name that pages ask for."""
    name = storage.staticfiles_storage.__class__().stored_name("page.css")
    return (Path(settings.STATIC_ROOT) / name).read_text()


def test_what_is_as_it_was_is_not_collected_again(settings, page):
    assert collect_changed()
    made = {path: path.stat().st_mtime_ns for path in Path(settings.STATIC_ROOT).iterdir()}
    assert not collect_changed()
    assert {path: path.stat().st_mtime_ns for path in Path(settings.STATIC_ROOT).iterdir()} == made


def test_what_changed_is_collected(settings, page):
    collect_changed()
    page.write_text("body { margin: 9 }\n")
    assert collect_changed()
    assert "margin: 9" in collected(settings)


def test_what_was_written_at_another_time_is_collected(page):
    collect_changed()
    os.utime(page, (1, 1))
    assert collect_changed()


def test_another_file_is_collected(page):
    collect_changed()
    page.with_name("other.css").write_text("p { margin: 1 }\n")
    assert collect_changed()


def test_a_file_that_somebody_deleted_is_made_again(settings, page):
    collect_changed()
    for path in Path(settings.STATIC_ROOT).glob("page.*.css"):
        path.unlink()
    assert collect_changed()
    assert collected(settings)


def test_a_collection_that_broke_off_is_done_again(settings, page, monkeypatch):
    def broken(*_arguments, **_options):
        raise OSError("no space left")

    collect_changed()
    page.write_text("body { margin: 9 }\n")
    with monkeypatch.context() as patch:
        patch.setattr("common.static_files.call_command", broken)
        with pytest.raises(OSError, match="no space"):
            collect_changed()
    assert collect_changed()
