"""Seal keys: one secret file a project, made once, in a folder of its own."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelwright.adapters.seal_keys import SealKeys
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault


def test_a_project_keeps_its_key(tmp_path):
    """Another process, another day, the same seal; another project, another one."""
    first = SealKeys(tmp_path / "keys").seal_for("demo")
    assert SealKeys(tmp_path / "keys").seal_for("demo").seal_id == first.seal_id
    assert SealKeys(tmp_path / "keys").seal_for("other").seal_id != first.seal_id


def test_only_the_owner_may_read_a_key(tmp_path):
    """Nothing else is left in the folder."""
    keys = SealKeys(tmp_path / "keys")
    keys.seal_for("demo")
    assert stat.S_IMODE(keys.path("demo").stat().st_mode) == 0o600
    assert [path.name for path in keys.home.iterdir()] == ["demo.seal"]


def test_a_key_that_others_may_read_is_refused(tmp_path):
    """With the command that puts it right."""
    keys = SealKeys(tmp_path)
    keys.seal_for("demo")
    keys.path("demo").chmod(0o644)
    with pytest.raises(UserFault, match="chmod 600"):
        keys.seal_for("demo")


def test_a_damaged_key_is_never_replaced(tmp_path):
    """A new key would open nothing that the old one sealed."""
    keys = SealKeys(tmp_path)
    keys.seal_for("demo")
    keys.path("demo").write_bytes(b"half")
    with pytest.raises(IntegrityBroken, match="damaged"):
        keys.seal_for("demo")
    assert keys.path("demo").read_bytes() == b"half"


@pytest.mark.parametrize("project", ["", "..", "a/b", "../a", "a.b", "x" * 200, "-a"])
def test_an_id_cannot_leave_the_folder(project, tmp_path):
    """It names a file, nothing more."""
    with pytest.raises(UserFault, match="cannot be the id of a project"):
        SealKeys(tmp_path).seal_for(project)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """The place is named."""
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed, match="cannot be written or read"):
        SealKeys(tmp_path / "keys").seal_for("demo")


def test_many_who_ask_at_once_get_one_key(tmp_path):
    """Whoever links first makes the key of all."""
    with ThreadPoolExecutor(8) as pool:
        seals = list(pool.map(lambda _: SealKeys(tmp_path).seal_for("demo").seal_id, range(32)))
    assert len(set(seals)) == 1
