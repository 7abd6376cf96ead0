"""Problems: how an HTTP error is told, as RFC 9457 problem details, with all faults at once."""

from collections.abc import Sequence

import msgspec

from modelwright.serving.row_check import RowFault

__all__ = ["Problem", "RequestRefused", "rows_refused"]

MOST_FAULTS = 10_000
"""Faults told in one answer; more are counted."""


class _Item(msgspec.Struct, kw_only=True, frozen=True):
    row: int
    column: str
    pointer: str
    detail: str
    next_step: str


class Problem(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Why a request was not answered.

    Examples:
        >>> Problem(status=404, kind="not-found", title="No such path", detail="").type
        'urn:modelwright:problem:not-found'
    """

    status: int
    """The HTTP status."""
    kind: str
    """Short stable name of the kind of problem."""
    title: str
    """The problem in a few words, the same for all of its kind."""
    detail: str
    """What happened this time, and what to do."""
    type: str = ""
    """A name for the kind of problem that is the same everywhere."""
    request_id: str = ""
    """Names the request."""
    errors: tuple[_Item, ...] = ()
    """Every fault of every row."""
    errors_left_out: int = 0
    """Faults beyond those told."""

    def __post_init__(self) -> None:
        """Derive the type from the kind."""
        msgspec.structs.force_setattr(self, "type", f"urn:modelwright:problem:{self.kind}")


class RequestRefused(Exception):
    """Carries a problem to where it is answered.

    Examples:
        >>> refused = RequestRefused(404, "not-found", "No such path", "try /v1/predict")
        >>> refused.problem.status
        404
    """

    def __init__(
        self, status: int, kind: str, title: str, detail: str, *, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        """Keep the problem and the headers that go with it."""
        super().__init__(detail)
        self.problem = Problem(status=status, kind=kind, title=title, detail=detail)
        self.headers = tuple(headers)


def _pointer(fault: RowFault, key: str) -> str:
    escaped = fault.column.replace("~", "~0").replace("/", "~1")
    return f"#/{key}/{fault.row}" + (f"/{escaped}" if fault.column else "")


def rows_refused(faults: Sequence[RowFault], *, rows: int, key: str = "rows") -> Problem:
    """Return the problem of rows, or labels, that do not fit the contract.

    Examples:
        >>> fault = RowFault(row=0, column="age", what="is missing")
        >>> rows_refused([fault], rows=1).errors[0].pointer
        '#/rows/0/age'
    """
    wrong = len({fault.row for fault in faults})
    told = f"{len(faults)} faults in {wrong} of {rows} {key}"
    return Problem(
        status=422,
        kind=f"{key}-refused",
        title=f"{key.capitalize()} do not fit the contract",
        detail=f"{told}; none was taken. Correct them and ask again.",
        errors=tuple(
            _Item(
                row=fault.row,
                column=fault.column,
                pointer=_pointer(fault, key),
                detail=fault.what,
                next_step=fault.next_step,
            )
            for fault in faults[:MOST_FAULTS]
        ),
        errors_left_out=max(0, len(faults) - MOST_FAULTS),
    )
