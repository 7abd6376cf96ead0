"""Amendments: changes to a frozen contract; allowed, dated, reasoned, and visible for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from modelwright.contracts.contract import Contract
from modelwright.kernel.digest import Json, canonical_json, plain, short
from modelwright.kernel.document import Callout, Document, Facts, Table
from modelwright.kernel.errors import UserFault

__all__ = ["Amendment", "Change", "amend", "differences"]

LEAST_REASON = 3
"""Characters; a reason shorter than this is none."""
SHOWN = 120
"""Characters of a value that a document shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value of a contract before and after.

    Examples:
        >>> Change(path="evaluation.looks", before="3", after="5").after
        '5'
    """

    path: str
    """Dotted path of the value."""
    before: str
    """What it was, as JSON; empty when it was not there."""
    after: str
    """What it is, as JSON; empty when it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A change of a frozen contract.

    Examples:
        >>> from datetime import UTC
        >>> made = Amendment(
        ...     before="sha256:a",
        ...     after="sha256:b",
        ...     changes=(),
        ...     reason="new law",
        ...     by="person lead",
        ...     at=datetime(2026, 1, 1, tzinfo=UTC),
        ...     late=True,
        ... )
        >>> "late" in made.document().to_markdown()
        True
    """

    before: str
    """Digest of the contract that was frozen."""
    after: str
    """Digest of the contract that takes its place."""
    changes: tuple[Change, ...]
    """Every value that differs."""
    reason: str
    """Why."""
    by: str
    """Who made it, in one line."""
    at: datetime
    """When, UTC."""
    late: bool = False
    """Whether it came after training began or after a look at sealed labels: every verdict says so."""

    def document(self) -> Document:
        """Show what changed, why, and whether it came late."""
        facts = Facts(
            items=(
                ("Reason", self.reason),
                ("By", self.by),
                ("At", self.at.isoformat()),
                ("Contract before", short(self.before)),
                ("Contract after", short(self.after)),
            )
        )
        rows = tuple((change.path, change.before[:SHOWN], change.after[:SHOWN]) for change in self.changes)
        table = Table(columns=("part", "before", "after"), rows=rows)
        warning = (
            (Callout(tone="failed", text="late: made after results could be known"),) if self.late else ()
        )
        return Document(title="Amendment of the contract", blocks=(*warning, facts, table))


def _json(value: Json) -> str:
    return canonical_json(value).decode()


def _changes(before: Json, after: Json, path: str) -> Iterator[Change]:
    """Yield what differs below a path; what is new or gone as a whole, and a list as one value."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        if before != after:
            yield Change(path=path, before=_json(before), after=_json(after))
        return
    for key in sorted({*before, *after}):
        here = f"{path}.{key}" if path else key
        if key not in after:
            yield Change(path=here, before=_json(before[key]), after="")
        elif key not in before:
            yield Change(path=here, before="", after=_json(after[key]))
        else:
            yield from _changes(before[key], after[key], here)


def differences(before: Contract, after: Contract) -> tuple[Change, ...]:
    """Return every value in which two contracts differ, by path; none when their digests are equal.

    Examples:
        >>> from modelwright.contracts.reading import parse_contract
        >>> text = '''
        ... name: calls
        ... decision: {goal: Call likely clients first, owner: lead, action: order of calls,
        ...            success_metric: {name: sales per call}}
        ... prediction: {task: binary, target: sold, positive: "yes"}
        ... data: {sources: [{path: calls.csv}],
        ...        columns: {sold: {type: category, role: target}, age: {type: number}}}
        ... evaluation: {primary: roc_auc}
        ... gates: {lines: [roc_auc >= 0.7]}
        ... '''
        >>> differences(parse_contract(text), parse_contract(text.replace("0.7", "0.6")))[0].after
        '["roc_auc >= 0.6"]'
    """
    return tuple(_changes(plain(before.model_dump(mode="json")), plain(after.model_dump(mode="json")), ""))


def amend(before: Contract, after: Contract, *, reason: str, by: str, at: datetime, late: bool) -> Amendment:
    """Record the change from one contract to another.

    Args:
        before: The frozen contract.
        after: The contract that takes its place.
        reason: Why it changes.
        by: Who changes it.
        at: The moment.
        late: Whether training had begun or sealed labels had been looked at.

    Raises:
        UserFault: When nothing changed or no reason is given.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.contracts.reading import parse_contract
        >>> contract = parse_contract('''
        ... name: calls
        ... decision: {goal: Call likely clients first, owner: lead, action: order of calls,
        ...            success_metric: {name: sales per call}}
        ... prediction: {task: binary, target: sold, positive: "yes"}
        ... data: {sources: [{path: calls.csv}],
        ...        columns: {sold: {type: category, role: target}, age: {type: number}}}
        ... evaluation: {primary: roc_auc}
        ... gates: {lines: [roc_auc >= 0.7]}
        ... ''')
        >>> stricter = contract.model_copy(update={"mode": "standard"})
        >>> made = amend(
        ...     contract,
        ...     stricter,
        ...     reason="it goes to production",
        ...     by="person lead",
        ...     at=datetime(2026, 1, 1, tzinfo=UTC),
        ...     late=False,
        ... )
        >>> made.changes[0].path
        'mode'
    """
    changes = differences(before, after)
    if not changes:
        raise UserFault(
            "the contract says what it said before",
            why="an amendment that changes nothing would only hide others",
            next_step="edit contract.yaml first; comments and layout do not count",
        )
    if len(reason.strip()) < LEAST_REASON:
        raise UserFault(
            f"an amendment of {len(changes)} values has no reason",
            why="whoever reads the report later has to judge whether it was fair",
            next_step='say why, such as --reason "the campaign budget was cut"',
        )
    return Amendment(
        before=before.digest,
        after=after.digest,
        changes=changes,
        reason=reason.strip(),
        by=by,
        at=at,
        late=late,
    )
