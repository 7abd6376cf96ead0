"""Sealed scoring: the port to the process that alone may open the holdout labels."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import ApprovalRefused
from modelwright.training.pipeline import DecisionRule

__all__ = ["RIVALS", "BookedLook", "LooksExhausted", "ScoreRequest", "Scorer", "check_looks", "report_digest"]

RIVALS = ("baseline", "champion")
"""The only other models that may be scored along: each one more would be a look that nobody counts."""

Matrix = npt.NDArray[np.float64]


class LooksExhausted(ApprovalRefused):
    """The sealed labels were asked as often as the contract allows.

    Examples:
        >>> LooksExhausted("3 of 3 looks are used").exit_code.name
        'LOCKED'
    """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreRequest:
    """Predictions for the rows of a sealed test part: everything a scorer needs except the labels.

    Examples:
        >>> "scores" in ScoreRequest.__slots__
        True
    """

    snapshot: Snapshot
    """The snapshot whose test part is scored; it names the sealed labels by digest."""
    contract: Contract
    """What was agreed: metrics, slices, costs, level, looks."""
    run_id: str
    """The run that made the model."""
    pipeline_digest: str
    """Digest of the pipeline that made the scores."""
    row_ids: npt.NDArray[np.int64]
    """Row ids of the test part, each once, in the order of the scores."""
    scores: Matrix
    """The model's scores, one row per row id."""
    others: Mapping[str, Matrix]
    """Scores of the `baseline` and the `champion` on the same rows, as far as there are any; of no other."""
    rule: DecisionRule
    """The model's decision rule, found on validation."""
    other_rules: Mapping[str, DecisionRule]
    """Decision rules of the other models; the rule of least expected cost where none is given."""
    seed: int
    """Seed of the resampling."""
    purpose: str
    """Why the labels are asked, in words; stands beside the look."""

    @property
    def digest(self) -> str:
        """The digest of the question: asking the same again, for whatever run, is not a second look.

        Run and purpose are not in it, for they change nothing about the answer; nor is the order of the rows.
        """
        order = None if bool(np.all(self.row_ids[1:] > self.row_ids[:-1])) else np.argsort(self.row_ids)
        return digest_of(
            {
                "snapshot": self.snapshot.digest,
                "contract": self.contract.digest,
                "pipeline": self.pipeline_digest,
                "rows": _digest(self.row_ids, order, kind=np.int64),
                "scores": _digest(self.scores, order),
                "others": {name: _digest(scores, order) for name, scores in self.others.items()},
                "rule": self.rule,
                "other_rules": self.other_rules,
                "seed": self.seed,
            }
        )


def _digest(
    values: npt.NDArray[np.int64] | Matrix,
    order: npt.NDArray[np.intp] | None,
    *,
    kind: type[np.int64] | type[np.float64] = np.float64,
) -> str:
    sorted_values = values if order is None or len(order) != len(values) else values[order]
    # The array itself is digested, not a copy of it: a million rows are tens of megabytes.
    return "sha256:" + hashlib.sha256(np.ascontiguousarray(sorted_values, dtype=kind).data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLook:
    """A look as the scorer's own book holds it.

    Examples:
        >>> BookedLook.__slots__[0]
        'question'
    """

    question: str
    """Digest of the question."""
    sealed_labels: str
    """Digest of the sealed labels that were asked."""
    contract_digest: str
    """The contract it was asked under."""
    number: int
    """The look's number over all snapshots of the same rows."""
    allowed: int
    """Looks that contract allowed."""
    at: datetime
    """When it was entered, by the scorer's clock."""
    run: str
    """The run that asked first."""
    purpose: str
    """Why, in words."""
    told: str = ""
    """What was told: `everything`, `standing` or `nothing new`; empty when no answer left."""
    bits: int = 0
    """What it cost the looks after it."""
    level: float | None = None
    """The level it was answered at."""
    report: str = ""
    """Digest of the report that was given, without the name of a run: see `report_digest`."""


def report_digest(report: EvaluationReport) -> str:
    """Return the digest of a report without the name of its run: the same model may be asked about again.

    Examples:
        >>> report_digest.__name__
        'report_digest'
    """
    return digest_of(replace(report, run_id=""))


class Scorer(Protocol):
    """Joins predictions to sealed labels and answers with aggregates.

    Promises of every member: the labels never enter the caller's process; the answer holds no value of a
    single row; the same request gets the same answer; a request that is refused teaches nothing about the
    labels and is no look.

    Examples:
        >>> def primary(scorer: Scorer, request: ScoreRequest) -> float | None:
        ...     return scorer.score(request).estimates[0].value
    """

    def score(self, request: ScoreRequest) -> EvaluationReport:
        """Return the report of one model on the sealed test part.

        Raises:
            DataInvalid: When row ids or scores do not fit the test part.
            LooksExhausted: When the contract's looks are used up.
            ServiceFailed: When the scoring process fails or does not answer in time.
        """
        ...

    def booked(self, seal_id: str) -> tuple[BookedLook, ...]:
        """Return the scorer's own book of looks at labels under one seal, oldest first.

        Raises:
            IntegrityBroken: When the book was changed.
            ServiceFailed: When the scoring process fails or does not answer in time.
        """
        ...


def check_looks(taken: int, allowed: int) -> None:
    """Refuse another look once as many were taken as are allowed.

    Raises:
        LooksExhausted: When `taken` has reached `allowed`.

    Examples:
        >>> check_looks(2, 3)
    """
    if taken >= allowed:
        raise LooksExhausted(
            f"{taken} of {allowed} looks at the sealed test labels are used",
            why="each further look fits the model a little more to the test, until its score says nothing",
            next_step="judge what was measured, or bring new rows: run phase 2 again on a table with others",
            found=taken,
            expected=f"fewer than {allowed}",
        )
