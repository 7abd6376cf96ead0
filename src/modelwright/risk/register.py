"""The risk list: every check's findings in order, and what people decided about them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from modelwright.kernel.digest import digest_of
from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing, Table, Text
from modelwright.kernel.errors import UnknownName, UserFault
from modelwright.kernel.finding import Severity
from modelwright.risk.catalogue import RISK_CHECKS
from modelwright.risk.check import CATEGORIES, QUALITY, Category, Risk, RiskCheck, RiskView

__all__ = [
    "Risk",
    "RiskDecision",
    "RiskList",
    "Settlement",
    "assess",
    "blocks",
    "settle",
    "standing",
    "waiver_digest",
]

MUST_DECIDE = Severity.HIGH
"""Risks at least this severe stay open until a person accepts, modifies or blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskList:
    """All risks, most severe first, and the questions only a person can answer.

    Examples:
        >>> RiskList(risks=(), questions=()).document().title
        'Risk list'
    """

    risks: tuple[Risk, ...]
    """The risks, most severe first, then surest first."""
    questions: tuple[str, ...]
    """What the data alone cannot tell, each starting with the risk it belongs to."""
    checks: tuple[str, ...] = ()
    """Codes of the checks that ran, found something or not."""

    def by_category(self) -> Mapping[Category, tuple[Risk, ...]]:
        """Return the risks of each of the five categories, then of data quality; empty ones included."""
        return {
            name: tuple(risk for risk in self.risks if risk.finding.category == name)
            for name in (*CATEGORIES, QUALITY)
        }

    def worst(self) -> Severity | None:
        """Return the highest severity there is, or None for an empty list."""
        return max((risk.finding.severity for risk in self.risks), key=lambda one: one.rank, default=None)

    def document(self) -> Document:
        """Render: a summary, then every category with its risks, then the questions."""
        counts = Counter(risk.finding.severity for risk in self.risks)
        told = ", ".join(f"{counts[level]} {level.value}" for level in reversed(Severity) if counts[level])
        tone: Literal["failed", "note", "passed"] = (
            "failed" if counts[Severity.CRITICAL] else "note" if self.risks else "passed"
        )
        blocks: list[Block] = [Callout(tone=tone, text=told or "No risk was found.")]
        blocks.append(
            Facts(items=(("Checks run", str(len(self.checks))), ("Open questions", str(len(self.questions)))))
        )
        for name, risks in self.by_category().items():
            blocks.append(Heading(text=name.capitalize()))
            if not risks:
                blocks.append(Text(text="Nothing found."))
                continue
            blocks.append(_table(risks))
            for risk in risks:
                blocks.extend(_details(risk))
        if self.questions:
            blocks += [Heading(text="Questions"), Listing(items=self.questions, ordered=True)]
        return Document(title="Risk list", blocks=tuple(blocks))


def _table(risks: Sequence[Risk]) -> Table:
    rows = tuple(
        (
            risk.finding.severity.value,
            f"{risk.finding.confidence} %",
            risk.finding.code,
            risk.finding.title,
            risk.proposal + (f": {risk.change}" if risk.change else ""),
        )
        for risk in risks
    )
    return Table(columns=("severity", "confidence", "check", "finding", "proposal"), rows=rows)


def _details(risk: Risk) -> list[Block]:
    finding = risk.finding
    facts = [("Evidence", "; ".join(finding.evidence)), ("Why", finding.why), ("Fix", finding.fix)]
    if finding.question:
        facts.append(("Question", finding.question))
    return [
        Heading(text=f"{risk.id}: {finding.title}", level=3),
        Facts(items=tuple((name, text) for name, text in facts if text)),
    ]


def assess(view: RiskView, *, checks: Sequence[RiskCheck] | None = None) -> RiskList:
    """Run the checks over the view and put their findings in order.

    Args:
        view: What the checks may look at.
        checks: The checks to run; None runs every check of the catalogue, plugins included.

    Examples:
        >>> len(RISK_CHECKS.names()) > 20
        True
    """
    running = tuple(RISK_CHECKS.get(name)() for name in RISK_CHECKS.names()) if checks is None else checks
    found = [risk for check in running for risk in check.run(view)]
    found.sort(key=lambda risk: (-risk.finding.severity.rank, -risk.finding.confidence, risk.id))
    return RiskList(
        risks=tuple(found),
        questions=tuple(f"{risk.id}: {risk.finding.question}" for risk in found if risk.finding.question),
        checks=tuple(sorted(check.code for check in running)),
    )


def blocks(risk: Risk) -> bool:
    """Whether a risk stops the run until it is fixed or waived: a critical one, or a leak of weight.

    Examples:
        >>> from modelwright.risk.constant import ConstantCheck
        >>> from modelwright.risk.check import raised
        >>> facts = {"title": "x", "confidence": 99, "evidence": (), "why": "", "fix": ""}
        >>> blocks(raised(ConstantCheck(), severity=Severity.CRITICAL, **facts))
        True
        >>> blocks(raised(ConstantCheck(), severity=Severity.HIGH, **facts))
        False
    """
    finding = risk.finding
    leak = finding.category == "data leakage" and finding.severity.rank >= Severity.HIGH.rank
    return leak or finding.severity is Severity.CRITICAL


def standing(risks: RiskList, actions: Mapping[str, str]) -> tuple[Risk, ...]:
    """Return the risks that block and that these answers leave as they are: each takes a waiver.

    A modification that changes nothing lets the risk stand; one whose columns all leave the features by some
    other answer stands no more.

    Args:
        risks: The list.
        actions: `accept`, `modify` or `block` by the risk's id; what is not answered does not stand yet.

    Examples:
        >>> from modelwright.risk.constant import ConstantCheck
        >>> from modelwright.risk.check import raised
        >>> facts = {"title": "x", "confidence": 99, "evidence": (), "why": "", "fix": ""}
        >>> leak = raised(ConstantCheck(), severity=Severity.CRITICAL, **facts)
        >>> found = RiskList(risks=(leak,), questions=())
        >>> [len(standing(found, {leak.id: action})) for action in ("accept", "modify", "block")]
        [1, 1, 0]
    """
    gone = {column for risk in risks.risks if actions.get(risk.id) == "modify" for column in risk.excludes}
    return tuple(
        risk
        for risk in risks.risks
        if blocks(risk)
        and (actions.get(risk.id) == "accept" or (actions.get(risk.id) == "modify" and not risk.change))
        and not (risk.columns and set(risk.columns) <= gone)
    )


def waiver_digest(risk: Risk) -> str:
    """Return what a waiver of a risk is bound to: everything that was found.

    Examples:
        >>> from modelwright.risk.constant import ConstantCheck
        >>> from modelwright.risk.check import raised
        >>> facts = {"title": "x", "confidence": 99, "evidence": (), "why": "", "fix": ""}
        >>> waiver_digest(raised(ConstantCheck(), severity=Severity.LOW, **facts))[:7]
        'sha256:'
    """
    return digest_of(risk.finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDecision:
    """What a person decided about one risk.

    Examples:
        >>> RiskDecision(risk="CONSTANT:x", action="modify", reason="it carries nothing").action
        'modify'
    """

    risk: str
    """The risk's id."""
    action: Literal["accept", "modify", "block"]
    """`accept` lives with it (one that blocks takes a waiver too), `modify` takes the proposed change,
    `block` stops the run."""
    reason: str
    """Why; never empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the decisions add up to.

    Examples:
        >>> Settlement(excluded=("duration",), open=(), blocked=(), decisions=()).settled
        True
    """

    excluded: tuple[str, ...]
    """Columns that leave the features, sorted."""
    open: tuple[str, ...]
    """Risks of high or critical severity that nobody has decided yet."""
    blocked: tuple[str, ...]
    """Risks that stop the run."""
    decisions: tuple[RiskDecision, ...]
    """The decisions, last word per risk."""
    changes: tuple[str, ...] = ()
    """Agreed changes that a person or a later phase carries out, beyond excluding columns."""
    waived: tuple[str, ...] = ()
    """Risks that would block and stand under a waiver that holds."""
    unwaived: tuple[str, ...] = ()
    """Risks that were accepted and block all the same: nobody waived them until a day that lies ahead."""

    @property
    def settled(self) -> bool:
        """Whether nothing is open and nothing blocks."""
        return not (self.open or self.blocked or self.unwaived)


def settle(risks: RiskList, decisions: Sequence[RiskDecision], *, waived: Collection[str] = ()) -> Settlement:
    """Apply decisions to the list; the last decision on a risk counts.

    Args:
        risks: The list.
        decisions: What people decided.
        waived: Ids of risks that block and are waived now.

    Raises:
        UnknownName: When a decision names a risk that is not in the list.
        UserFault: When a decision has no reason.

    Examples:
        >>> settle(RiskList(risks=(), questions=()), ()).settled
        True
    """
    known = {risk.id: risk for risk in risks.risks}
    for decision in decisions:
        if decision.risk not in known:
            raise UnknownName.among(
                "risk", decision.risk, known, why="a decision has to name what it is about"
            )
        if not decision.reason.strip():
            raise UserFault(
                f"the decision on {decision.risk} has no reason",
                why="a decision without a reason cannot be reviewed later",
                next_step="say in a sentence why the risk is accepted, modified or blocking",
            )
    last = {decision.risk: decision for decision in decisions}
    modified = [known[name] for name, decision in last.items() if decision.action == "modify"]
    stands = [risk.id for risk in standing(risks, {name: word.action for name, word in last.items()})]
    return Settlement(
        excluded=tuple(sorted({column for risk in modified for column in risk.excludes})),
        open=tuple(
            risk.id
            for risk in risks.risks
            if risk.finding.severity.rank >= MUST_DECIDE.rank and risk.id not in last
        ),
        blocked=tuple(name for name, decision in last.items() if decision.action == "block"),
        decisions=tuple(last.values()),
        changes=tuple(risk.change for risk in modified if risk.change and not risk.excludes),
        waived=tuple(name for name in stands if name in waived),
        unwaived=tuple(name for name in stands if name not in waived),
    )
