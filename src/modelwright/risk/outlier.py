"""OUTLIER: single values far from all others."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import matrix_of

__all__ = ["OutlierCheck", "outlying"]

FENCES = 8.0
"""Interquartile ranges beyond the quartiles; a normal column has none in 10^20 values."""

RARE = 0.005
"""Share of a column from which far values are its tail, not outliers."""

DISTINCT = 20
"""Values of a column from which far has a meaning."""


class OutlierCheck:
    """Finds numbers far outside the quartiles, as they are and on a logarithmic scale (Tukey 1977).

    Examples:
        >>> OutlierCheck().code
        'OUTLIER'
    """

    code = "OUTLIER"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk naming all columns."""
        frame = view.everything
        names = [name for name in view.usable if frame[name].dtype.is_numeric()]
        found: dict[str, str] = {}
        for name in names:
            values = matrix_of(frame, [name])[:, 0]
            far = outlying(values)
            if far.size:
                farthest = far[np.argmax(np.abs(far - np.nanmedian(values)))]
                usual = np.nanquantile(values, [0.01, 0.99])
                found[name] = (
                    f"{far.size:,} of {values.size:,} values, the farthest {farthest:g}; "
                    f"98 % lie between {usual[0]:g} and {usual[1]:g}"
                )
        if not found:
            return
        yield raised(
            self,
            title=f"{len(found)} {'column holds' if len(found) == 1 else 'columns hold'} values far from "
            "all others",
            severity=Severity.LOW,
            confidence=75,
            subject="numbers",
            evidence=tuple(f"{name}: {told}" for name, told in list(found.items())[:8]),
            why="A slip of a decimal point or of a unit pulls means, scales and linear models towards "
            "itself.",
            fix="Set `range` for these columns in the contract when such values are impossible.",
            question=f"Are the far values of {', '.join(list(found)[:5])} possible, or mistakes?",
            columns=tuple(found),
        )


def outlying(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the values far outside the quartiles, on both scales; nothing when they are a tail.

    Examples:
        >>> outlying(np.append(np.arange(1000.0), 1e9)).tolist()
        [1000000000.0]
        >>> outlying(np.exp(np.linspace(0, 12, 1000))).size
        0
    """
    known = values[np.isfinite(values)]
    if known.size < 100 or np.unique(known[:5_000]).size < DISTINCT:
        return np.empty(0)
    far = np.ones(known.size, dtype=bool)
    for scaled in (known, np.arcsinh(known / (np.median(np.abs(known)) or 1.0))):
        low, high = np.quantile(scaled, [0.25, 0.75])
        reach = FENCES * (high - low)
        if reach == 0:
            return np.empty(0)
        far &= (scaled < low - reach) | (scaled > high + reach)
    if scaled.size and far.any() and far.mean() > RARE:
        return np.empty(0)
    # On the logarithmic scale the fences reach very far: a gap before the last few values counts too.
    return known[far] if far.any() else _lonely(known)


def _lonely(known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the last few values when the gap before them is many times the whole rest."""
    ordered = np.sort(known)
    most = max(1, int(RARE * ordered.size))
    for tail in (ordered, -ordered[::-1]):
        spread = tail[-1 - most] - tail[0]
        gaps = np.diff(tail[-1 - most :])
        place = int(np.argmax(gaps))
        if spread > 0 and gaps[place] > FENCES * spread:
            cut = tail[-most + place]
            far = known >= cut if tail is ordered else known <= -cut
            return np.asarray(known[far], dtype=np.float64)
    return np.empty(0)
