"""How far one coded column determines another."""

import numpy as np

from modelwright.risk.sample import Coded

__all__ = ["dependence", "determined_share"]

COARSE = 16
"""Codes a column is reduced to: enough to see a relation, few enough to count in one pass."""


def _coarse(code: Coded) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    if code.levels <= COARSE + 1:
        return code.codes, code.levels
    step = -(-(code.levels - 1) // COARSE)
    return np.where(code.codes == 0, 0, (code.codes - 1) // step + 1), COARSE + 1


def dependence(what: Coded, given: Coded) -> float:
    """Share of the entropy of `what` that `given` explains (Theil's uncertainty coefficient, 1970): 0 to 1.

    Examples:
        >>> x = Coded(codes=np.array([1, 1, 2, 2]), levels=3, exact=True)
        >>> dependence(x, x)
        1.0
        >>> dependence(x, Coded(codes=np.array([1, 2, 1, 2]), levels=3, exact=True))
        0.0
    """
    first, rows = _coarse(what)
    second, columns = _coarse(given)
    table = np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns) / max(
        first.size, 1
    )
    alone = _entropy(table.sum(axis=1))
    if alone <= 0:
        return 0.0
    joint = _entropy(table.ravel())
    share = (alone + _entropy(table.sum(axis=0)) - joint) / alone
    return float(min(1.0, max(0.0, share)))


def _entropy(shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())


def determined_share(what: Coded, given: Coded) -> float:
    """Share of rows in which the value of `given` settles the value of `what`, taking the commonest one.

    Examples:
        >>> grade = Coded(codes=np.array([1, 1, 2, 2]), levels=3, exact=True)
        >>> determined_share(Coded(codes=np.array([1, 1, 1, 2]), levels=3, exact=True), grade)
        0.75
    """
    cells = given.codes * what.levels + what.codes
    table = np.bincount(cells, minlength=given.levels * what.levels).reshape(given.levels, what.levels)
    return float(table.max(axis=1).sum() / max(what.codes.size, 1))
