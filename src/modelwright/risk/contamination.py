"""CONTAMINATION: the same rows, or the same time, on both sides of the split."""

from collections.abc import Iterator

from modelwright.data.inference import RICH_BITS, row_bits
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["ContaminationCheck"]

GRAVE = 0.1
"""Share of test rows seen in training from which the score is mostly memory."""

MANY = 0.01
"""Share of test rows seen in training from which scores are flattered beyond noise."""


class ContaminationCheck:
    """Finds held-out rows whose features occur in training, and temporal splits whose parts overlap in time.

    Examples:
        >>> ContaminationCheck().category
        'data leakage'
    """

    code = "CONTAMINATION"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield a risk for equal rows across parts and one for a broken order of time."""
        yield from self._rows(view)
        yield from self._time(view)

    def _rows(self, view: RiskView) -> Iterator[Risk]:
        features = list(view.features)
        if not features:
            return
        keys = {name: frame.select(features).hash_rows(seed=1) for name, frame in view.parts.items()}
        train = keys["train"].unique()
        seen = {name: int(keys[name].is_in(train.implode()).sum()) for name in ("validation", "test")}
        shares = {name: count / max(len(keys[name]), 1) for name, count in seen.items()}
        if not any(seen.values()):
            return
        bits = row_bits(view.sample.frame.select(features))
        worst = max(shares.values())
        rich = bits >= RICH_BITS
        severity = (
            Severity.HIGH if rich and worst >= GRAVE else Severity.MEDIUM if worst >= MANY else Severity.LOW
        )
        curable = severity is Severity.HIGH and view.contract.data.duplicates == "keep"
        evidence = [
            f"{seen[name]:,} of {len(keys[name]):,} {name} rows equal a training row in every feature "
            f"({shares[name]:.1%})"
            for name in seen
        ]
        evidence.append(
            f"a row holds about {bits:.0f} bits, so equal rows are "
            + ("hardly chance" if rich else "possible by chance")
        )
        yield raised(
            self,
            title=f"{seen['test']:,} test rows are also in training",
            severity=severity,
            confidence=95 if rich else 70,
            evidence=evidence,
            why="The model is asked about rows it has learned by heart, so the score promises more than "
            "production keeps.",
            fix="Drop duplicates before the split (data.duplicates: drop), or split by what they share.",
            question="" if rich else "Are equal rows the same event, or different events that look alike?",
            proposal="modify" if curable else "accept",
            change="set data.duplicates to drop" if curable else "",
        )

    def _time(self, view: RiskView) -> Iterator[Risk]:
        split = view.contract.data.split
        name = split.time
        if split.policy != "temporal" or name is None or name not in view.train.columns:
            return
        spans = {part: (frame[name].min(), frame[name].max()) for part, frame in view.parts.items()}
        for before, after in (("train", "validation"), ("validation", "test")):
            last, first = spans[before][1], spans[after][0]
            if last is None or first is None or not last > first:  # type: ignore[operator]  # same column
                continue
            yield raised(
                self,
                title=f"{before} rows are later than {after} rows",
                severity=Severity.CRITICAL,
                confidence=100,
                subject=name,
                evidence=(f"last {before} {name}: {last!s}", f"first {after} {name}: {first!s}"),
                why="The split promises to predict the future from the past, and does not.",
                fix="Split again by time.",
                proposal="block",
            )
