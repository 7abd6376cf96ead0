"""Records to bytes and back: canonical JSON out, typed and checked JSON in."""

from typing import TypeVar

import msgspec

from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import IntegrityBroken

__all__ = ["NOT_A_RECORD", "decode", "encode"]

T = TypeVar("T")

NOT_A_RECORD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, no UTF-8, nested without end, or of other types."""


def encode(record: object) -> bytes:
    """Encode a frozen record as canonical JSON.

    Raises:
        ValueError: When the record holds NaN, infinity or a type without a canonical form.

    Examples:
        >>> from modelwright.kernel.outcome import Outcome, Status
        >>> encode(Outcome(status=Status.PASSED, what="a"))[:20]
        b'{"evidence":[],"next'
    """
    return canonical_json(record)


def decode(data: bytes, kind: type[T]) -> T:
    """Decode canonical JSON into a record of type `kind`, checking every field's type.

    Raises:
        IntegrityBroken: When the bytes are not JSON or do not fit the record.

    Examples:
        >>> from modelwright.kernel.outcome import Outcome, Status
        >>> decode(encode(Outcome(status=Status.FAILED, what="a")), Outcome).status.value
        'failed'
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except NOT_A_RECORD as error:
        raise IntegrityBroken(
            f"stored bytes do not form a {kind.__name__}: {error}",
            why="a record that cannot be read is no evidence",
            next_step="run `modelwright verify` to see what was changed, or rerun the phase that wrote it",
        ) from error
