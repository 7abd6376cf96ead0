"""Entity hashes and the key behind them."""

import pytest

from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault
from modelwright.serving.entity import EntityHash, read_log_key


def test_another_key_gives_other_hashes():
    """A stolen log of one project says nothing about another."""
    assert EntityHash(b"a" * 32).of("c1") != EntityHash(b"b" * 32).of("c1")
    assert len(EntityHash(b"a" * 32).of("c1")) == 32


def test_odd_text_can_be_hashed():
    """Half a surrogate pair is text too."""
    assert EntityHash(b"a" * 32).of("\ud800") is not None
    assert EntityHash(b"a" * 32).of(" ") is None


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path):
    """Readable by nobody else."""
    path = tmp_path / "keys" / "log.key"
    key = read_log_key(path, log_folder=tmp_path / "log")
    assert len(key) == 32
    assert path.stat().st_mode & 0o077 == 0
    assert read_log_key(path, log_folder=tmp_path / "log") == key
    assert [item.name for item in path.parent.iterdir()] == ["log.key"]


def test_a_key_inside_the_log_is_refused(tmp_path):
    """Who copies the log would copy the key."""
    with pytest.raises(UserFault, match="inside the log"):
        read_log_key(tmp_path / "log" / "deep" / "log.key", log_folder=tmp_path / "log")


def test_a_broken_or_unreachable_key_is_told(tmp_path):
    """Neither is replaced in silence: old hashes would never be found again."""
    (tmp_path / "log.key").write_bytes(b"short")
    with pytest.raises(IntegrityBroken, match="not a key"):
        read_log_key(tmp_path / "log.key", log_folder=tmp_path / "log")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        read_log_key(tmp_path / "file" / "log.key", log_folder=tmp_path / "log")
