"""Derived features: what is made of columns beyond reading each one, as it is stored with the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["DerivedSpec", "InputSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One column that is read, and what means missing in it.

    Examples:
        >>> InputSpec(name="age", kind="number").missing
        ()
    """

    name: str
    """The column."""
    kind: Literal["number", "boolean", "category", "date"]
    """How a cell is read."""
    missing: tuple[str | float, ...] = ()
    """Values that mean missing; they are nulls already in a snapshot."""
    replace: Mapping[str, str] = field(default_factory=dict)
    """Spellings rewritten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedSpec:
    """How some matrix columns are made of one or more columns.

    Examples:
        >>> spec = DerivedSpec(
        ...     kind="one_hot",
        ...     inputs=(InputSpec(name="job", kind="category"),),
        ...     outputs=("job=a", "job=other"),
        ...     levels=("a",),
        ... )
        >>> spec.inputs[0].name
        'job'
    """

    kind: Literal["one_hot", "target_mean", "cyclical", "elapsed", "hashed_text", "tfidf", "custom"]
    """What is made."""
    inputs: tuple[InputSpec, ...]
    """The columns it is made of."""
    outputs: tuple[str, ...]
    """Names of the matrix columns."""
    levels: tuple[str, ...] = ()
    """Categories with a column or a mean of their own; words of a vocabulary."""
    weights: tuple[tuple[float, ...], ...] = ()
    """Target means, a line per category, the overall mean last; inverse document frequencies, one line."""
    smoothing: float = 0.0
    """Rows of the overall mean mixed into each category's own."""
    parts: tuple[str, ...] = ()
    """Parts of a date."""
    expression: str = ""
    """A function of ours, as the Polars expression it returned, in JSON: data, no code."""
    function: str = ""
    """Where the function stands: `module:function`."""
    source_digest: str = ""
    """Digest of the file that holds it."""
