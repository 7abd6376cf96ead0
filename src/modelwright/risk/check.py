"""Risk checks: what each one sees, what it answers, and the port every one fits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.kernel.finding import Finding, Severity
from modelwright.risk.probe import Probe, boosted, matrix_of
from modelwright.risk.sample import Sample
from modelwright.tasks.target import TargetSpec

__all__ = ["CATEGORIES", "QUALITY", "Category", "Proposal", "Risk", "RiskCheck", "RiskView", "raised"]

Category = Literal[
    "data leakage",
    "distribution shift",
    "bias and fairness",
    "reproducibility",
    "scalability",
    "data quality",
]
"""The families of risks: the five of the risk list, and data quality, which is shown apart."""

CATEGORIES: tuple[Category, ...] = (
    "data leakage",
    "distribution shift",
    "bias and fairness",
    "reproducibility",
    "scalability",
)
"""The five categories of the risk list, in the order they are read."""

QUALITY: Category = "data quality"
"""What is wrong with the table itself; rendered after the five categories."""

Proposal = Literal["accept", "modify", "block"]
"""What a check suggests to do about its risk; a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One finding about the data, with what is proposed and what that would change.

    Examples:
        >>> finding = Finding(
        ...     code="LEAK-TIMING",
        ...     title="duration is known only after the call",
        ...     severity=Severity.CRITICAL,
        ...     confidence=99,
        ...     category="data leakage",
        ...     subject="duration",
        ... )
        >>> risk = Risk(
        ...     id=finding.identity,
        ...     finding=finding,
        ...     proposal="modify",
        ...     change="exclude column duration",
        ...     columns=("duration",),
        ... )
        >>> risk.excludes
        ('duration',)
    """

    id: str
    """The finding's identity; decisions name it."""
    finding: Finding
    """What was seen, why it matters and how to mend it."""
    proposal: Proposal
    """What the check suggests."""
    change: str = ""
    """What a modification would change, such as `exclude column duration`; empty when there is none."""
    columns: tuple[str, ...] = ()
    """The columns it is about."""

    @property
    def excludes(self) -> tuple[str, ...]:
        """The columns that leave the features when the proposed change is taken."""
        return self.columns if self.change.startswith("exclude column") else ()


@dataclass(frozen=True, kw_only=True)  # no slots: what several checks need is computed once and kept
class RiskView:
    """All that a risk check may look at: labelled training and validation rows, unlabelled test rows.

    Examples:
        >>> sorted(name for name in RiskView.__dataclass_fields__ if name in {"train", "test"})
        ['test', 'train']
    """

    train: pl.DataFrame
    """Training rows with their target."""
    validation: pl.DataFrame
    """Validation rows with their target."""
    test: pl.DataFrame
    """Test rows; their target is sealed and not here."""
    contract: Contract
    """What was agreed about the data."""
    snapshot: Snapshot
    """The record of the three parts."""
    target: TargetSpec
    """What is predicted."""
    raw_rows: int
    """Rows the sources held."""

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Columns with the role of a feature that are in the rows, allowed at prediction time or not."""
        return tuple(name for name in self.contract.data.of_role("feature") if name in self.train.columns)

    @cached_property
    def usable(self) -> tuple[str, ...]:
        """Features that training may use as the contract stands."""
        return tuple(name for name in self.contract.data.features if name in self.train.columns)

    @cached_property
    def parts(self) -> Mapping[str, pl.DataFrame]:
        """The three parts by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @cached_property
    def everything(self) -> pl.DataFrame:
        """The feature columns of all rows, with a column `part`."""
        columns = list(self.features)
        return pl.concat(
            [frame.select(columns).with_columns(part=pl.lit(name)) for name, frame in self.parts.items()],
            how="vertical_relaxed",
        )

    @cached_property
    def sample(self) -> Sample:
        """Labelled training rows, thinned when there are many, with columns coded once."""
        return Sample(self.train, target=self.target, seed=self.contract.data.split.seed)

    @cached_property
    def probe(self) -> Probe | None:
        """A small model of all usable features, asked out of fold; None when there is too little to learn."""
        sample = self.sample
        return boosted(
            matrix_of(sample.frame, self.usable),
            sample.y,
            names=self.usable,
            classes=0 if self.target.task == "regression" else len(self.target.classes),
            seed=self.contract.data.split.seed,
        )


class RiskCheck(Protocol):
    """One check: it looks at the view and answers with what it found.

    A check reads the view and nothing else: no disk, no clock, no chance but the contract's split seed.
    Same view, same answer. It finds nothing rather than raising when it does not apply.

    Examples:
        >>> from modelwright.risk.constant import ConstantCheck
        >>> check: RiskCheck = ConstantCheck()
        >>> check.code
        'CONSTANT'
    """

    code: str
    """Stable code of the check's findings."""
    category: Category
    """The family its findings belong to."""

    def run(self, view: RiskView) -> Iterable[Risk]:
        """Return what was found, most severe first or in the order of the columns."""
        ...


def raised(  # noqa: PLR0913 - the facts of a finding; all but the check are named at the call
    check: RiskCheck,
    *,
    title: str,
    severity: Severity,
    confidence: int,
    evidence: Iterable[str],
    why: str,
    fix: str,
    subject: str = "",
    question: str = "",
    proposal: Proposal = "accept",
    change: str = "",
    columns: tuple[str, ...] = (),
    category: Category | None = None,
) -> Risk:
    """Build a risk from the facts a check has.

    Examples:
        >>> from modelwright.risk.constant import ConstantCheck
        >>> risk = raised(
        ...     ConstantCheck(),
        ...     title="x never changes",
        ...     severity=Severity.LOW,
        ...     confidence=100,
        ...     evidence=("1 value",),
        ...     why="it carries nothing",
        ...     fix="exclude it",
        ...     subject="x",
        ... )
        >>> risk.id, risk.proposal
        ('CONSTANT:x', 'accept')
    """
    finding = Finding(
        code=check.code,
        title=title,
        severity=severity,
        confidence=confidence,
        category=category or check.category,
        subject=subject,
        where=subject,
        evidence=tuple(evidence),
        why=why,
        fix=fix,
        question=question,
    )
    return Risk(id=finding.identity, finding=finding, proposal=proposal, change=change, columns=columns)
