"""The archive: files to one deterministic zip and back, refusing everything a stranger could try.

Only one way to write an archive exists: members stored without compression, sorted by name, with fixed
times and rights. Reading writes the archive again from what was read and demands the same bytes, so that
a change anywhere, in a member or between members, is found. Nothing is unpacked to the disk.
"""

import io
import re
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modelwright.kernel.errors import BundleRejected, Fault

__all__ = ["Limits", "read_archive", "write_archive"]

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
"""What a member may be called: no absolute paths, no `..`, no backslashes, no drives, ASCII only."""

ENDINGS = (".json", ".md", ".npy", ".txt")
"""Formats that hold data and cannot hold code."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip archive can write."""

UNREADABLE = (
    zipfile.BadZipFile,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the zip reader raises on damaged archives."""

PICKLE = re.compile(rb"\x80[\x02-\x05]")
"""How a pickle of protocol 2 to 5 begins."""

OBJECTS = re.compile(rb"'descr':\s*(?:\[|'[|<>=]?O)")
"""An array of Python objects, or of fields: numpy would need a pickle, or could hide one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a bundle may make us read.

    Examples:
        >>> Limits().members
        1000
    """

    size: int = 512 * 1024 * 1024
    """Bytes of the archive, and of all members together."""
    members: int = 1000
    """Files in the archive."""


def _rejected(what: str, faults: list[Fault]) -> BundleRejected:
    return BundleRejected(
        what,
        why="a bundle is loaded only when every byte of it is what was packed",
        next_step="fetch the bundle again from where it was packed, or pack it again",
        faults=faults,
    )


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, date_time=EPOCH)
    member.compress_type = zipfile.ZIP_STORED
    member.create_system = 3
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    return member


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of these files: same files, same bytes.

    Raises:
        BundleRejected: When a name or a content could not be read again; every fault is listed.

    Examples:
        >>> write_archive({"a.txt": b"x"}) == write_archive({"a.txt": b"x"})
        True
    """
    faults = [fault for name in files for fault in (*_name_faults(name), *_content_faults(name, files[name]))]
    if faults:
        raise _rejected("these files cannot be packed", faults)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", allowZip64=True) as archive:
        for name in sorted(files):
            archive.writestr(_member(name), files[name])
    return stream.getvalue()


def _name_faults(name: str) -> Iterator[Fault]:
    shown = name[:80]
    if NAME.fullmatch(name) is None:
        yield Fault(repr(shown), "this name could leave the bundle, or is not plain")
    elif not name.endswith(ENDINGS):
        yield Fault(shown, f"only {', '.join(ENDINGS)} are read; other formats can hold code")


def _content_faults(name: str, data: bytes) -> Iterator[Fault]:
    if PICKLE.match(data) is not None:
        yield Fault(name, "it begins like a pickle, which runs code when it is read")
    if name.endswith(".npy") and OBJECTS.search(data[:1024]) is not None:
        yield Fault(name, "it holds Python objects, which are pickles inside an array")


def _member_faults(archive: zipfile.ZipFile, limits: Limits) -> Iterator[Fault]:
    members = archive.infolist()
    if len(members) > limits.members:
        yield Fault("", f"{len(members)} files, at most {limits.members} are read")
    total = sum(member.file_size for member in members)
    if total > limits.size:
        yield Fault("", f"its files would take {total} bytes, at most {limits.size} are read")
    seen: set[str] = set()
    for member in members[: limits.members]:
        name = member.filename
        yield from _name_faults(name)
        if name in seen:
            yield Fault(name[:80], "this name is there twice: two readers could see two files")
        seen.add(name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            yield Fault(name[:80], "it is a link or a device, not a file")
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            yield Fault(
                name[:80],
                f"it is compressed, {member.compress_size} bytes grow to {member.file_size}",
                next_step="bundles are stored plain",
            )
        if member.flag_bits & 0x1:
            yield Fault(name[:80], "it is encrypted")


def _differs(data: bytes, files: Mapping[str, bytes]) -> Fault | None:
    """Write the archive again and tell where the bytes first differ."""
    again = write_archive(files)
    if again == data:
        return None
    length = min(len(again), len(data))
    place = next((index for index in range(length) if again[index] != data[index]), length)
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        owner = [member.filename for member in archive.infolist() if member.header_offset <= place]
        inside = place < archive.start_dir
    where = f"at byte {place}" + (
        f", in the header of {owner[-1]}" if inside and owner else ", in the list of files"
    )
    return Fault(where, f"{len(data)} bytes that are not what packing its files gives ({len(again)} bytes)")


def read_archive(data: bytes, *, limits: Limits | None = None) -> Mapping[str, bytes]:
    """Return the files of an archive that `write_archive` wrote.

    Raises:
        BundleRejected: For anything else: damage, links, compressed or repeated members, names that leave
            the bundle, formats that can hold code. Every fault that can be told is listed.

    Examples:
        >>> read_archive(write_archive({"a.txt": b"x"}))
        {'a.txt': b'x'}
    """
    limits = limits or Limits()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            faults = list(_member_faults(archive, limits))
            if faults:
                raise _rejected("this bundle cannot be trusted", faults)
            files = {member.filename: archive.read(member) for member in archive.infolist()}
    except UNREADABLE as error:
        raise _rejected("this bundle is damaged", [Fault("", str(error) or type(error).__name__)]) from error
    faults = [fault for name, content in files.items() for fault in _content_faults(name, content)]
    if faults:
        raise _rejected("this bundle cannot be trusted", faults)
    differs = _differs(data, files)
    if differs is not None:
        raise _rejected("this bundle is not as it was packed", [differs])
    return files
