"""Coherence: what the parts of a contract must say about each other.

The rules look at plain values, so that they also speak when another part of the file is not valid yet:
all faults of a file arrive together. Each rule yields where, what and the cure.
"""

from collections.abc import Callable, Iterator, Mapping

from modelwright.contracts.check_coherence import CHECK_RULES
from modelwright.contracts.data_coherence import DATA_RULES
from modelwright.contracts.feature_coherence import FEATURE_RULES
from modelwright.contracts.incoherence import Incoherence, Values
from modelwright.contracts.promise_coherence import PROMISE_RULES
from modelwright.contracts.source_coherence import SOURCE_RULES

__all__ = ["RULES", "incoherences"]

RULES: tuple[Callable[[Values], Iterator[Incoherence]], ...] = (
    *DATA_RULES,
    *SOURCE_RULES,
    *CHECK_RULES,
    *FEATURE_RULES,
    *PROMISE_RULES,
)
"""Every rule."""


def incoherences(values: Mapping[str, object]) -> Iterator[Incoherence]:
    """Yield everything in a contract's plain values that does not fit together.

    Values of a wrong type are passed over: naming those is the schema's matter.

    Examples:
        >>> found = incoherences({"prediction": {"task": "binary"}, "gates": {"lines": ["roc_auc > 0.7"]}})
        >>> [item.what for item in found]
        ['a binary task has no positive class']
    """
    view = Values(values)
    for rule in RULES:
        yield from rule(view)
