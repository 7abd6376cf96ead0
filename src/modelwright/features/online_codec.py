"""Online rows as bytes and back: what stores outside the process keep."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from modelwright.features.store import Cell, EntityKey, OnlineRow
from modelwright.kernel.errors import IntegrityBroken

__all__ = ["decode_row", "encode_row", "key_text", "microseconds", "moment_at"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Stored = tuple[int, int | None, dict[str, str | int | float | bool | None]]
"""As of, expires, values."""

ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Stored)
"""JSON keeps floats by their shortest exact spelling, and a person can read it."""


def microseconds(moment: datetime) -> int:
    """Return a moment as microseconds since 1970.

    Examples:
        >>> microseconds(EPOCH + timedelta(seconds=1))
        1000000
    """
    return (moment - EPOCH) // MICROSECOND


def moment_at(stamp: int) -> datetime:
    """Return the moment so many microseconds after 1970.

    Examples:
        >>> moment_at(0).year
        1970
    """
    return EPOCH + timedelta(microseconds=stamp)


def key_text(entity: EntityKey) -> str:
    r"""Spell a key as one text; different keys never share it.

    Examples:
        >>> key_text(("a", "b")), key_text(('a","b',))
        ('["a","b"]', '["a\\",\\"b"]')
    """
    return ENCODER.encode(entity).decode("utf-8", "surrogatepass")


def encode_row(row: OnlineRow) -> bytes:
    """Return a row as bytes; its entity is the key it is stored under.

    Examples:
        >>> encode_row(OnlineRow(entity=("a",), as_of=EPOCH, values={"n": 3}))
        b'[0,null,{"n":3}]'
    """
    expires = None if row.expires is None else microseconds(row.expires)
    values: Mapping[str, Cell] = dict(row.values)
    return ENCODER.encode((microseconds(row.as_of), expires, values))


def decode_row(entity: EntityKey, data: bytes) -> OnlineRow:
    """Return the row that was stored.

    Raises:
        IntegrityBroken: When the bytes are no row.

    Examples:
        >>> decode_row(("a",), b'[0,null,{"n":3}]').values
        {'n': 3}
    """
    try:
        as_of, expires, values = DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise IntegrityBroken(
            f"a stored feature row cannot be read: {error}",
            why="half a row would be served as if it were whole",
            next_step="modelwright features materialise writes it anew",
        ) from error
    return OnlineRow(
        entity=entity,
        as_of=moment_at(as_of),
        values=values,
        expires=None if expires is None else moment_at(expires),
    )
