"""Versions that others keep of a file: the DVC hash beside it, when there is one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.fileset import FileSet

__all__ = ["DvcVersion", "dvc_version"]

LARGEST_POINTER = 1 << 16
"""Bytes of a `.dvc` file that are read; real ones hold a few lines."""

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DvcVersion:
    """What DVC says about a file or folder.

    Examples:
        >>> DvcVersion(version="dvc:md5:0cc175b9c0f1b6a831c399e269772661").note
        ''
    """

    version: str
    """The hash that DVC stores the content under; empty when there is no `.dvc` file."""
    note: str = ""
    """What does not agree between the `.dvc` file and what lies beside it."""


def dvc_version(path: Path, files: FileSet) -> DvcVersion:
    r"""Return the version that the `.dvc` file beside a path names.

    The hash of a file is computed again and compared; that of a folder is recorded as it stands.

    Args:
        path: The path as the contract names it.
        files: What lies there.

    Examples:
        >>> import tempfile
        >>> from modelwright.kernel.fileset import find_files
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table = Path(folder, "a.csv")
        ...     _ = table.write_text("a")
        ...     _ = Path(folder, "a.csv.dvc").write_text(
        ...         "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661\n  hash: md5\n  path: a.csv\n"
        ...     )
        ...     dvc_version(table, find_files(table)).version
        'dvc:md5:0cc175b9c0f1b6a831c399e269772661'
    """
    pointer = path.with_name(path.name + ".dvc")
    if files.kind == "pattern" or not pointer.is_file():
        return DvcVersion(version="")
    tracked = _outputs(pointer)
    (entry,) = [entry for entry in tracked if entry.get("path") == path.name][:1] or [{}]
    noted = entry.get("md5")
    if not isinstance(noted, str) or not noted:
        return DvcVersion(version="", note=f"{pointer.name} cannot be read as a DVC file")
    version = f"dvc:md5:{noted}"
    # Before DVC 3 text was hashed with its line ends changed; only a named hash can be computed again.
    if files.kind == "file" and entry.get("hash") == "md5" and (found := _md5(files.files[0])) != noted:
        told = f"{path.name} is not what {pointer.name} tracks (found md5 {found}, expected {noted})"
        return DvcVersion(version="", note=told)
    return DvcVersion(version=version)


def _outputs(pointer: Path) -> Sequence[Mapping[str, object]]:
    from ruamel.yaml import YAML  # a library of the core, loaded where a .dvc file lies
    from ruamel.yaml.error import YAMLError

    with pointer.open("rb") as stream:
        text = stream.read(LARGEST_POINTER + 1)
    try:
        loaded = (
            YAML(typ="base", pure=True).load(text.decode("utf-8")) if len(text) <= LARGEST_POINTER else None
        )
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        loaded = None
    listed = loaded.get("outs") if isinstance(loaded, Mapping) else None
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def _md5(path: Path) -> str:
    state = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return state.hexdigest()
