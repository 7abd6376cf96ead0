"""NOTEBOOK-ORDER: the cells were not run from top to bottom."""

from collections.abc import Iterator
from itertools import pairwise

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["NotebookOrderRule"]


class NotebookOrderRule:
    """Execution counts of a notebook go back, or cells without a count lie between cells with one.

    Examples:
        >>> NotebookOrderRule().category
        'reproducibility'
    """

    code = "NOTEBOOK-ORDER"
    category = "reproducibility"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "What the notebook shows cannot be had by running it: some cell used what a later or a deleted "
        "cell had made."
    )
    fix = "Restart, run all cells from the top, and keep that result; move what matters into a module."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield at most one finding a notebook."""
        lines = flow.file.text.split("\n")
        cells = [cell for cell in flow.file.cells if _has_code(lines, cell.first_line, flow)]
        counted = [(cell, cell.execution) for cell in cells if cell.execution is not None]
        back = [(first, second) for (first, before), (second, after) in pairwise(counted) if after <= before]
        if back:
            first, second = back[0]
            yield finding(
                self,
                flow,
                second.first_line,
                title=f"cell {second.number} was run before cell {first.number} above it",
                confidence=95,
                evidence=(
                    f"execution counts {first.execution}, then {second.execution}",
                    f"{len(back)} steps back in all",
                ),
            )
            return
        skipped = [cell for cell in cells if cell.execution is None]
        if counted and skipped and any(cell.number < counted[-1][0].number for cell in skipped):
            yield finding(
                self,
                flow,
                skipped[0].first_line,
                title=f"cell {skipped[0].number} was not run, cells below it were",
                confidence=82,
                evidence=(f"{len(skipped)} of {len(cells)} code cells have no execution count",),
                severity=Severity.LOW,
            )


def _has_code(lines: list[str], first: int, flow: Flow) -> bool:
    starts = [cell.first_line for cell in flow.file.cells if cell.first_line > first]
    last = starts[0] - 1 if starts else len(lines)
    return any(line.strip() and not line.strip().startswith("#") for line in lines[first - 1 : last])
