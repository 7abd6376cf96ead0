"""Gate lines: `roc_auc >= 0.75` as a person writes it, and as a record that code can judge.

```text
[point] [slice(column) | slice(column=value):] metric >=|>|<=|< number[unit] | baseline | champion | prior
```

A line is judged on the confidence interval unless it starts with `point`. A line of `do_not_ship` names
the condition under which a model must not ship; it is judged the other way round.
"""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from modelwright.kernel.errors import ContractInvalid, Fault, nearest

__all__ = ["GateLine", "parse_gate"]

Comparison = Literal[">=", ">", "<=", "<"]
Reference = Literal["", "baseline", "champion", "prior"]

REFERENCES = ("baseline", "champion", "prior")
"""Models a metric may be compared with."""

UNITS = {
    "": ("1", ""),
    "%": ("0.01", ""),
    "us": ("0.001", "ms"),
    "ms": ("1", "ms"),
    "s": ("1000", "ms"),
    "kB": ("0.001", "MB"),
    "MB": ("1", "MB"),
    "GB": ("1000", "MB"),
}
"""What a written unit is multiplied with, and the unit that results."""

LONGEST_LINE = 300
"""Characters; a longer line is not a condition."""

SHAPE = re.compile(
    r"""(?P<point>point\s+)?
    (?:slice\(\s*(?P<column>[^()=]+?)\s*(?:=\s*(?P<value>.*?)\s*)?\)\s*:\s*)?
    (?P<metric>[A-Za-z_]\w*)\s*
    (?P<comparison>>=|<=|>|<)\s*
    (?P<bound>.+)""",
    re.VERBOSE,
)
NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine:
    """One condition on a model, read from its line.

    Examples:
        >>> parse_gate("slice(job=student): recall >= 0.5").slice_value
        'student'
    """

    text: str
    """The line as it was written."""
    metric: str
    """The metric or measurement that is judged."""
    comparison: Comparison
    """How it is compared."""
    threshold: float | None
    """The number it is compared with, in `unit`; None when it is compared with another model."""
    reference: Reference = ""
    """The model it is compared with; empty when it is compared with a number."""
    unit: Literal["", "ms", "MB"] = ""
    """Unit of the threshold: times are turned to milliseconds, sizes to megabytes, per cent to a share."""
    slice: str = ""
    """The column whose values are judged one by one; empty for all rows together."""
    slice_value: str | None = None
    """The one value that is judged; None for every value of the column."""
    basis: Literal["interval", "point"] = "interval"
    """Judged on the worse end of the confidence interval, or on the point estimate."""
    do_not_ship: bool = False
    """Whether the line says what must not be, rather than what must hold."""


def _refuse(text: str, what: str, cure: str) -> ContractInvalid:
    shown = text if len(text) <= 80 else text[:79] + "…"
    return ContractInvalid(
        f"gate line '{shown}' cannot be read",
        why="a condition that cannot be read cannot be judged",
        faults=(Fault("", what, next_step=cure),),
    )


def _bound(text: str, written: str) -> tuple[float | None, str, str]:
    """Return threshold, reference and unit of what stands right of the comparison."""
    if written in REFERENCES:
        return None, written, ""
    number = NUMBER.fullmatch(written)
    if number is None:
        close = nearest(written, REFERENCES)
        cure = f"did you mean '{close}'?" if close else "write a number, or one of: " + ", ".join(REFERENCES)
        raise _refuse(text, f"'{written[:40]}' is neither a number nor a known model", cure)
    unit = number[2]
    if unit not in UNITS:
        close = nearest(unit, UNITS) or nearest(unit.lower(), UNITS)
        cure = (
            f"did you mean '{close}'?" if close else "use one of: " + ", ".join(key for key in UNITS if key)
        )
        raise _refuse(text, f"unknown unit '{unit}'", cure)
    factor, normal = UNITS[unit]
    amount = float(Decimal(number[1]) * Decimal(factor))
    if not math.isfinite(amount):
        raise _refuse(text, f"'{written[:40]}' is not a finite number", "write a number that can be reached")
    return amount, "", normal


def parse_gate(text: str, *, do_not_ship: bool = False) -> GateLine:
    """Read one gate line.

    Whether the metric and the column exist is checked against the whole contract, by
    `modelwright.contracts.reading`.

    Args:
        text: The line, such as `p95_latency <= 80ms` or `expected_cost < champion`.
        do_not_ship: Whether it stands under `gates.do_not_ship`.

    Raises:
        ContractInvalid: When the line is not a condition; the message says which part is not.

    Examples:
        >>> line = parse_gate("p95_latency <= 0.08s")
        >>> line.threshold, line.unit, line.basis
        (80.0, 'ms', 'interval')
        >>> parse_gate("point expected_cost < champion").reference
        'champion'
    """
    stripped = text.strip()
    if len(stripped) > LONGEST_LINE:
        raise _refuse(text, f"it has {len(stripped)} characters", f"keep it below {LONGEST_LINE}")
    match = SHAPE.fullmatch(stripped)
    if match is None:
        raise _refuse(
            text,
            "it is not of the form `metric comparison value`",
            "write a line such as `roc_auc >= 0.75`, `expected_cost < baseline`, "
            "`slice(job): recall >= 0.5` or `p95_latency <= 80ms`",
        )
    threshold, reference, unit = _bound(text, match["bound"].strip())
    return GateLine(
        text=stripped,
        metric=match["metric"],
        comparison=cast("Comparison", match["comparison"]),
        threshold=threshold,
        reference=cast("Reference", reference),
        unit=cast('Literal["", "ms", "MB"]', unit),
        slice=match["column"] or "",
        slice_value=match["value"],
        basis="point" if match["point"] else "interval",
        do_not_ship=do_not_ship,
    )
