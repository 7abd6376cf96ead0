"""Digests over canonical JSON: the names under which evidence is stored and demanded again.

Canonical means: UTF-8, keys sorted, no white space, no NaN or infinity (they have no JSON form), so
that equal values have equal bytes on every machine. In the spirit of RFC 8785 (JSON Canonicalization
Scheme), with Python's shortest round-trip form for floats.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

__all__ = [
    "ABSENT_WHEN_EMPTY",
    "Json",
    "canonical_json",
    "digest_of",
    "digest_of_bytes",
    "digest_of_file",
    "plain",
    "short",
]

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
"""What JSON can hold."""

ABSENT_WHEN_EMPTY: Mapping[str, bool] = {"absent_when_empty": True}
"""Metadata of a dataclass field that is left out while it is empty: records that came later with a field keep
the digests of those written before it."""

CHUNK = 1 << 20
"""Bytes read at a time from a file."""


def plain(value: object) -> Json:  # noqa: PLR0911 - one return per kind of value reads best
    """Turn records, enums, dates and tuples into what JSON can hold.

    Raises:
        ValueError: For NaN, infinity, or a type without a canonical form.

    Examples:
        >>> plain((1, "a", None))
        [1, 'a', None]
        >>> plain({"b": 2, "a": 1})
        {'a': 1, 'b': 2}
    """
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        if not math.isfinite(value):
            message = f"{value} has no canonical form: store an undefined number as None"
            raise ValueError(message)
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            message = f"{value.isoformat()} has no time zone: store moments in UTC"
            raise ValueError(message)
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            # Asked of the metadata first: an outcome refuses to be asked whether it is empty.
            if "absent_when_empty" not in field.metadata or getattr(value, field.name)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, AbstractSet):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    message = f"a {type(value).__name__} has no canonical form: use text, numbers, lists or mappings"
    raise ValueError(message)


def canonical_json(value: object) -> bytes:
    """Encode `value` as canonical JSON.

    Raises:
        ValueError: For NaN, infinity, or a type without a canonical form.

    Examples:
        >>> canonical_json({"b": 1.0, "a": ("x",)})
        b'{"a":["x"],"b":1.0}'
    """
    text = json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest_of_bytes(data: bytes) -> str:
    """Return the SHA-256 digest of `data`, written `sha256:<64 hex digits>`.

    Examples:
        >>> digest_of_bytes(b"")[:15]
        'sha256:e3b0c442'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: object) -> str:
    """Return the digest of the canonical JSON of `value`.

    Examples:
        >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
        True
    """
    return digest_of_bytes(canonical_json(value))


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's bytes, read in pieces.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a").write_bytes(b"")
        ...     digest_of_file(Path(folder, "a")) == digest_of_bytes(b"")
        True
    """
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return "sha256:" + state.hexdigest()


def short(digest: str) -> str:
    """Return the first 12 hex digits of a digest: enough for a person, never for a check.

    Examples:
        >>> short(digest_of_bytes(b""))
        'e3b0c44298fc'
    """
    return digest.removeprefix("sha256:")[:12]
