"""Verdicts: what each line of the contract came to, and what they come to together."""

from dataclasses import dataclass

from modelwright.contracts.gate import GateLine
from modelwright.evaluation.estimate import Comparison, Estimate
from modelwright.kernel.outcome import Outcome

__all__ = ["LineResult", "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """One line and what it came to.

    Examples:
        >>> from modelwright.contracts.gate import parse_gate
        >>> from modelwright.kernel.outcome import Status
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
        >>> from modelwright.kernel.outcome import Status
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

    @property
    def allows(self) -> bool:
        """Whether the model may go on."""
        return self.outcome.allows
