"""SENSITIVE-PROXY: features that stand in for a protected attribute."""

from collections.abc import Iterator

import numpy as np

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.probe import boosted, matrix_of
from modelwright.risk.sensitive import sensitive_columns
from modelwright.risk.strength import strength
from modelwright.risk.target_combination import skill

__all__ = ["SensitiveProxyCheck"]

ALONE = 0.3
"""Strength of one feature for the attribute (an AUC of 0.65) worth telling."""

JOINT = 0.5
"""Strength of all features together (an AUC of 0.75) from which leaving the attribute out hides nothing."""

MOST_VALUES = 12
"""Values of an attribute; a number is cut at its middle."""

MOST_ATTRIBUTES = 4
"""Attributes that are looked at."""


class SensitiveProxyCheck:
    """Finds features from which a protected attribute can be told, one by one and together.

    Examples:
        >>> SensitiveProxyCheck().code
        'SENSITIVE-PROXY'
    """

    code = "SENSITIVE-PROXY"
    category: Category = "bias and fairness"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a protected attribute."""
        protected = sensitive_columns(view)
        names = [name for name in view.usable if name not in protected]
        sample = view.sample
        if not names or sample.rows < 200:
            return
        for attribute in protected[:MOST_ATTRIBUTES]:
            code = sample.coded(attribute).codes
            if sample.frame[attribute].dtype.is_numeric() and sample.distinct(attribute) > MOST_VALUES:
                code = (code > np.median(code)).astype(np.int64)
            values, group = np.unique(code, return_inverse=True)
            if not 2 <= values.size <= MOST_VALUES:
                continue
            label, classes = group.astype(np.float64), int(values.size)
            alone = {}
            for name in names:
                other = sample.coded(name)
                alone[name] = strength(
                    other.codes, label, levels=other.levels, folds=sample.folds, classes=classes
                )
            strong = sorted(
                (name for name in names if alone[name].power >= ALONE), key=lambda n: -alone[n].power
            )
            x = matrix_of(sample.frame, names)
            seed = view.contract.data.split.seed
            probe = boosted(x, label, names=names, classes=classes, seed=seed, rows=2_000)
            joint = skill(label[probe.rows], probe.scores, classes=classes) if probe else 0.0
            if strong or joint >= JOINT:
                told = [f"{name} alone tells it with {alone[name].told}" for name in strong[:6]]
                told.append(f"all other features together tell it with {joint:.2f} of 1")
                yield self._risk(
                    attribute, strong or list(probe.gains)[:5] if probe else strong, evidence=told
                )

    def _risk(self, attribute: str, proxies: list[str], *, evidence: list[str]) -> Risk:
        shown = ", ".join(proxies[:5])
        return raised(
            self,
            title=f"{shown} stand{'s' if len(proxies) == 1 else ''} in for {attribute}",
            severity=Severity.LOW,
            confidence=80,
            subject=attribute,
            evidence=evidence,
            why=f"Leaving {attribute} out does not make a decision blind to it while other columns tell it.",
            fix=f"Decide on {shown} together with {attribute}, and report error rates by {attribute}.",
            question=f"May the decision rest on {shown}, which tell {attribute}?",
            columns=tuple(proxies[:5]),
        )
