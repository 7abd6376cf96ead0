"""The target as every later room knows it: its classes or its unit, and what is likely before any model."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["TargetSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSpec:
    """What is predicted, settled once from the contract and the data.

    Scores follow from it everywhere: one column per class in the order of `classes` (binary: column 1 is
    the positive class), or one column with the value itself for regression.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"), prior=(0.9, 0.1))
        >>> spec.positive
        'yes'
    """

    task: Literal["binary", "multiclass", "regression"]
    """The kind of problem."""
    name: str
    """The target column."""
    classes: tuple[str, ...] = ()
    """The classes as text, binary as (negative, positive); empty for regression."""
    transform: Literal["identity", "log1p"] = "identity"
    """The scale a regression is fitted on. Encoded targets and scores stay in the target's own unit: who
    fits applies the transform and takes it back."""
    prior: tuple[float, ...] = ()
    """What is said without a model: the share of each class, or the median alone for regression."""

    @property
    def positive(self) -> str | None:
        """The class that triggers the action; None unless the task is binary."""
        return self.classes[1] if self.task == "binary" else None
