"""The ledger's own key: made once, private, and what it signs can be checked with its card."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from modelwright.adapters.ledger_key import LedgerKey
from modelwright.authority.identity import open_envelope
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault


def key_in(folder, project="p1"):
    """The key of a project."""
    return LedgerKey(folder / "home", project, clock=SteppingClock())


def test_a_key_is_made_once_and_holds(tmp_path):
    """The same key and the same hour, in this process and the next."""
    first = key_in(tmp_path)
    envelope = first.sign("text/plain", b"head")
    again = key_in(tmp_path)
    assert again.identity == first.identity
    assert open_envelope(envelope, keys={again.identity.key_id: again.identity})[0].allows
    assert key_in(tmp_path, "p2").identity.key_id != first.identity.key_id


def test_looking_makes_no_key(tmp_path):
    """Only a signature needs one."""
    key_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_many_at_once_settle_on_one_key(tmp_path):
    """Two keys of one machine would look like two machines."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = set(pool.map(lambda _: key_in(tmp_path).identity.public_key, range(16)))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["p1.ledger"]


def test_the_file_is_its_owner_s_alone(tmp_path):
    """Made so, and refused when it is not so any more."""
    key = key_in(tmp_path)
    assert key.identity.kind.value == "service"
    assert key.path.stat().st_mode & 0o777 == 0o600
    key.path.chmod(0o644)
    with pytest.raises(UserFault, match="others may read") as caught:
        _ = key_in(tmp_path).identity
    assert "chmod 600" in caught.value.next_step


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"private":"AAAA","created":"2026-01-01T00:00:00Z"}', b"\xff"]
)
def test_a_damaged_key_signs_nothing(data, tmp_path):
    """And is not replaced behind anybody's back."""
    key = key_in(tmp_path)
    _ = key.identity
    key.path.write_bytes(data)
    with pytest.raises(IntegrityBroken, match="is damaged"):
        key_in(tmp_path).sign("text/plain", b"head")
    assert key.path.read_bytes() == data


def test_a_link_in_place_of_the_key_is_refused(tmp_path):
    """It may lead into the project."""
    key = key_in(tmp_path)
    _ = key.identity
    key.path.rename(tmp_path / "elsewhere")
    key.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageFailed, match="cannot be written or read"):
        _ = key_in(tmp_path).identity


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """A file stands where the home should be."""
    (tmp_path / "home").write_bytes(b"")
    with pytest.raises(StorageFailed, match="cannot be written or read"):
        _ = key_in(tmp_path).identity


@pytest.mark.parametrize("project", ["", "../x", "a/b", "x" * 200])
def test_an_id_that_could_leave_the_folder_is_refused(project, tmp_path):
    """It becomes the name of a file."""
    with pytest.raises(UserFault, match="cannot be the id of a project"):
        key_in(tmp_path, project)
