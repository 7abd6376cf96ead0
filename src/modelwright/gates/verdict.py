"""Verdicts: what each line of the contract came to, and what they come to together."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelwright.contracts.gate import GateLine
from modelwright.evaluation.estimate import Comparison, Estimate
from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Callout, Document, Facts, Listing, Table
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["LineResult", "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """One line and what it came to.

    Examples:
        >>> from modelwright.contracts.gate import parse_gate
        >>> LineResult(
        ...     line=parse_gate("roc_auc >= 0.75"), outcome=Outcome(status=Status.UNKNOWN, what="")
        ... ).slice
        ''
    """

    line: GateLine
    """The line as it stands in the contract."""
    outcome: Outcome
    """Passed, failed or unknown, and why."""
    estimate: Estimate | None = None
    """The estimate it was judged on: the worst slice when it was judged on many."""
    comparison: Comparison | None = None
    """The comparison it was judged on, when it names another model."""
    slice: str = ""
    """The slice it was decided by, when it was judged on many."""
    note: str = ""
    """What a reader has to know: another baseline was used, there is no interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """May this model be promoted? Only a pass of every line says yes.

    Examples:
        >>> Verdict(
        ...     outcome=Outcome(status=Status.UNKNOWN, what="gates"), lines=(), contract_digest="", run_id=""
        ... ).allows
        False
    """

    outcome: Outcome
    """All lines together; unknown when nothing could be judged."""
    lines: tuple[LineResult, ...]
    """Every line of the contract, in its order."""
    contract_digest: str
    """The contract it was judged under."""
    run_id: str
    """The run it is about; empty when there was no report."""
    snapshot_digest: str = ""
    """The snapshot the report was measured on."""
    pipeline_digest: str = ""
    """The pipeline the report was measured on."""
    conditions: tuple[Outcome, ...] = ()
    """What must hold beside the lines: waivers in force, the checklist, a bound that is not reached."""
    downgraded: tuple[str, ...] = ()
    """Why this verdict is worth less than it seems: amendments that came after training or after a look."""
    waived: Mapping[str, str] = field(default_factory=dict)
    """Findings that block and stood under a waiver, with the digest the waiver is bound to."""

    @property
    def allows(self) -> bool:
        """Whether the model may go on."""
        return self.outcome.allows

    @property
    def told(self) -> str:
        """The verdict in a word or two, a downgrade included.

        Examples:
            >>> passed = Outcome(status=Status.PASSED, what="gates")
            >>> Verdict(
            ...     outcome=passed, lines=(), contract_digest="", run_id="", downgraded=("amended late",)
            ... ).told
            'passed, downgraded'
        """
        return self.outcome.status.value + (", downgraded" if self.downgraded else "")

    def document(self) -> Document:
        """Return the verdict as a document: the answer first, then line by line."""
        rows = tuple(
            (
                ("must not be: " if result.line.do_not_ship else "") + result.line.text,
                result.outcome.status.value,
                "; ".join(result.outcome.evidence) + (f" ({result.note})" if result.note else ""),
                result.outcome.next_step,
            )
            for result in self.lines
        )
        facts = (
            ("Run", self.run_id or "none"),
            ("Pipeline", short(self.pipeline_digest) or "none"),
            ("Snapshot", short(self.snapshot_digest) or "none"),
            ("Contract", short(self.contract_digest)),
        )
        table = Table(
            columns=("line", "outcome", "what was seen", "what to do"),
            rows=rows,
            caption="A line passes when the worse end of the interval holds it; with `point`, the value.",
        )
        return Document(
            title="Gates",
            blocks=(
                Callout(tone=self.outcome.status.value, text=self._summary()),
                *self._downgrade(),
                *((table,) if rows else ()),
                *self._beside(),
                Facts(items=facts),
            ),
        )

    def _downgrade(self) -> tuple[Block, ...]:
        if not self.downgraded:
            return ()
        told = "This verdict is downgraded: the contract was amended when results could be known already."
        return Callout(tone="unknown", text=told), Listing(items=self.downgraded)

    def _beside(self) -> tuple[Block, ...]:
        if not self.conditions:
            return ()
        rows = tuple(
            (item.what, item.status.value, "; ".join(item.evidence), item.next_step)
            for item in self.conditions
        )
        return (
            Table(
                columns=("condition", "outcome", "what was seen", "what to do"),
                rows=rows,
                caption="What must hold beside the lines.",
            ),
        )

    def _summary(self) -> str:
        counted = {status: sum(result.outcome.status is status for result in self.lines) for status in Status}
        total = len(self.lines)
        stopped = [item.what for item in self.conditions if not item.allows]
        if self.allows:
            return f"All {total} gates passed: this model may be promoted."
        if not total:
            return "There are no gates: nothing says what this model must reach, so it may not be promoted."
        if counted[Status.PASSED] == total and stopped:
            return (
                f"All {total} gates passed, and this model may not be promoted, because it is not shown that "
                + "; ".join(stopped)
                + "."
            )
        return (
            f"{counted[Status.FAILED]} of {total} gates failed, {counted[Status.UNKNOWN]} are unknown, "
            f"{counted[Status.PASSED]} passed: this model may not be promoted. "
            "Unknown blocks like a failure."
        )
