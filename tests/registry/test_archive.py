"""Archives: deterministic, and closed to everything a stranger could try."""

import io
import stat
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelwright.kernel.errors import BundleRejected
from modelwright.registry.archive import EPOCH, Limits, read_archive, write_archive

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}(/[a-z0-9]{1,6})?\.(json|txt|md)", fullmatch=True)


def foreign(*members, compression=zipfile.ZIP_STORED):
    """An archive written by someone else: (name or ZipInfo, bytes)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for member, data in members:
            archive.writestr(member, data)
    return stream.getvalue()


@given(st.dictionaries(names, st.binary(max_size=50), max_size=5))
def test_an_archive_gives_back_what_was_put_in(files):
    """Reading is the inverse of writing."""
    clean = {name: data for name, data in files.items() if not data.startswith(b"\x80")}
    assert read_archive(write_archive(clean)) == clean


def test_the_order_of_files_does_not_matter():
    """Same files, same bytes."""
    one = write_archive({"a.txt": b"1", "b.txt": b"2"})
    assert one == write_archive({"b.txt": b"2", "a.txt": b"1"})


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_is_found(data):
    """Between members, in headers, in the list of files: nothing in an archive is free to change."""
    good = write_archive({"a/b.json": b'{"x":1}', "model.txt": b"tree", "card.md": b"# Card"})
    place = data.draw(st.integers(0, len(good) - 1))
    change = data.draw(st.integers(1, 255))
    bad = good[:place] + bytes([good[place] ^ change]) + good[place + 1 :]
    with pytest.raises(BundleRejected):
        read_archive(bad)


@pytest.mark.parametrize("extra", [b"\0", b"PK"])
def test_bytes_after_or_before_the_archive_are_found(extra):
    """Zip readers forgive both; we do not."""
    good = write_archive({"a.txt": b"x"})
    for bad in (good + extra, extra + good):
        with pytest.raises(BundleRejected):
            read_archive(bad)


@pytest.mark.parametrize(
    "name",
    [
        "../a.txt",
        "/etc/a.txt",
        "a/../b.txt",
        "a\\b.txt",
        "C:/a.txt",
        "a//b.txt",
        "./a.txt",
        "a\u202e.txt",
        ".a.txt",
    ],
)
def test_a_name_that_could_leave_the_bundle_is_refused(name):
    """No path tricks, in reading as in writing."""
    with pytest.raises(BundleRejected, match="could leave the bundle"):
        read_archive(foreign((name, b"x")))
    with pytest.raises(BundleRejected, match="could leave the bundle"):
        write_archive({name: b"x"})


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "run.py", "a.so", "noending"])
def test_a_format_that_can_hold_code_is_refused(name):
    """Only data formats have a place in a bundle."""
    with pytest.raises(BundleRejected, match="can hold code"):
        read_archive(foreign((name, b"x")))


def test_a_pickle_under_an_innocent_name_is_refused():
    """The first bytes of a pickle are told apart, whatever the file is called."""
    for protocol in (2, 3, 4, 5):
        with pytest.raises(BundleRejected, match="like a pickle"):
            read_archive(foreign(("model.txt", bytes([0x80, protocol]) + b"cos\nsystem\n.")))


def test_an_array_of_objects_is_refused():
    """A pickle inside an array is a pickle."""
    for array in (np.array([{}], dtype=object), np.zeros(1, dtype=[("a", "O")])):
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=True)
        with pytest.raises(BundleRejected, match="pickles inside an array"):
            read_archive(foreign(("coefficients.npy", stream.getvalue())))


def test_a_link_is_refused():
    """A link could point anywhere."""
    link = zipfile.ZipInfo("a.txt", date_time=EPOCH)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BundleRejected, match="link or a device"):
        read_archive(foreign((link, b"/etc/passwd")))


def test_a_name_that_is_there_twice_is_refused():
    """Two readers could see two files."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = foreign(("a.txt", b"1"), ("a.txt", b"2"))
    with pytest.raises(BundleRejected, match="twice"):
        read_archive(twice)


def test_a_bomb_is_refused_before_it_grows():
    """A hundred megabytes of zeros make a small archive; nothing of it is unpacked."""
    bomb = foreign(("a.txt", bytes(100_000_000)), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    with pytest.raises(BundleRejected, match=r"compressed, 9.* bytes grow to 100000000"):
        read_archive(bomb)


def test_an_archive_beyond_the_limits_is_refused():
    """Both limits are told in one answer."""
    many = write_archive({f"f{index}.txt": b"x" * 10 for index in range(5)})
    with pytest.raises(BundleRejected) as caught:
        read_archive(many, limits=Limits(size=20, members=3))
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused_or_empty(data):
    """Damage is a message, not a traceback; an empty archive holds nothing."""
    if data.startswith(b"PK\x05"):
        assert read_archive(data) == {}
        return
    with pytest.raises(BundleRejected):
        read_archive(data)


def test_all_faults_of_an_archive_are_told_at_once():
    """One trip is enough."""
    with pytest.raises(BundleRejected) as caught:
        read_archive(foreign(("../a.txt", b"x"), ("model.pkl", b"x"), ("b.exe", b"x")))
    assert len(caught.value.faults) == 3
