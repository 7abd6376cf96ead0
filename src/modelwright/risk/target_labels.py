"""TARGET-LABELS: target classes that are spellings of each other."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.category_variants import variants
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["TargetLabelsCheck"]


class TargetLabelsCheck:
    """Finds more target classes than are meant, because one class is written in two ways.

    Examples:
        >>> TargetLabelsCheck().code
        'TARGET-LABELS'
    """

    code = "TARGET-LABELS"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk, and one when the contract already maps labels."""
        name = view.target.name
        mapped = view.contract.data.columns[name].replace if name in view.contract.data.columns else {}
        if mapped:
            shown = ", ".join(f"'{raw}' as '{meant}'" for raw, meant in list(mapped.items())[:5])
            yield raised(
                self,
                title=f"{name} spells a class in several ways; they are read as one",
                severity=Severity.INFO,
                confidence=100,
                subject=name,
                evidence=(f"read: {shown}",),
                why="Left apart, the spellings would be classes of their own.",
                fix="Nothing to do when labels that arrive later are spelt in one of these ways.",
            )
        groups = variants(view.target.classes)
        if not groups:
            return
        shares = dict(zip(view.target.classes, view.target.prior, strict=False))
        shown = "; ".join(
            " = ".join(f"'{label}' ({shares.get(label, 0.0):.1%})" for label in group) for group in groups
        )
        left = len(view.target.classes) - sum(len(group) - 1 for group in groups)
        yield raised(
            self,
            title=f"{name} has {len(view.target.classes)} labels where {left} seem meant",
            severity=Severity.HIGH,
            confidence=95,
            subject=name,
            evidence=(shown,),
            why="A model would learn to tell spellings apart, and every score would be of the wrong problem.",
            fix=f"Map the spellings to one with `replace` on {name} in the contract.",
            question=f"Do these labels of {name} mean the same?",
            proposal="modify",
            change=f"map the labels of {name} to {left} classes",
        )
