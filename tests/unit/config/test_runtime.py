"""The parts of the supervisor that can be tried without processes."""

from pathlib import Path

import pytest

from config.runtime import checks, identity, lock
from config.runtime.faults import StartFailure
from config.runtime.layout import (
    SOCKET_PATH_MAX_BYTES,
    Layout,
    link_sockets,
    make_private_folder,
    remove_links,
)
from config.runtime.logs import ChildLog


def test_short_plain_folder_is_reached_by_its_own_name():
    layout = Layout(Path("/srv/fillbook"))
    assert layout.socket_folder(layout.postgres) == Path("/srv/fillbook/postgres")


@pytest.mark.parametrize("name", ["x" * 120, "with space", "with,comma", "ünïcode"])
def test_long_or_unusual_folder_is_reached_by_a_short_link(tmp_path, name):
    layout = Layout(tmp_path / name)
    make_private_folder(layout.postgres)
    make_private_folder(layout.valkey)
    link_sockets(layout)
    link = layout.socket_folder(layout.postgres)
    assert len(str(link)) < SOCKET_PATH_MAX_BYTES
    assert link.resolve() == layout.postgres
    assert link.parent.stat().st_mode & 0o777 == 0o700
    remove_links(layout)
    assert not link.parent.exists()


def test_new_folders_are_private_and_old_ones_keep_their_mode(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old").chmod(0o755)
    make_private_folder(tmp_path / "old" / "new" / "inner")
    modes = [(tmp_path / "old" / p).stat().st_mode & 0o777 for p in ("", "new", "new/inner")]
    assert modes == [0o755, 0o700, 0o700]


def test_data_dir_is_held_by_one_at_a_time(tmp_path):
    holder = lock.take(Layout(tmp_path))
    with pytest.raises(StartFailure, match="is in use by a copy"):
        lock.take(Layout(tmp_path))
    holder.close()
    lock.take(Layout(tmp_path)).close()


def test_nearly_full_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "FREE_MIN_BYTES", 2**70)
    with pytest.raises(StartFailure, match="nearly full"):
        checks.check_data_dir(Layout(tmp_path))


def test_account_number_is_stable_and_not_one_that_is_taken(tmp_path):
    one = tmp_path / "one"
    uid = identity.choose_uid(one, taken=set())
    assert identity.choose_uid(one, taken=set()) == uid
    assert identity.choose_uid(one, taken={uid}) != uid


def test_log_is_bounded_and_keeps_its_last_words(tmp_path, monkeypatch):
    monkeypatch.setattr("config.runtime.logs.SIZE_MAX_BYTES", 1000)
    log = ChildLog(tmp_path / "web.log")
    for number in range(300):
        log.write(f"line {number}\n".encode())
    log.close()
    assert log.last_lines(2) == ["line 298", "line 299"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 2200
