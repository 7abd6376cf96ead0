"""Exchange: what other tools' contracts say of a table, put into ours; and what does not fit is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from modelwright.contracts.check_kinds import pattern_fault
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.reading import check_contract
from modelwright.contracts.term import Term
from modelwright.kernel.errors import ContractInvalid, Fault

__all__ = ["Exported", "Promises", "adopt", "name_of", "number_of", "whole_pattern"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A contract in the words of another tool.

    Examples:
        >>> Exported(text="kind: DataContract", lost=("gates",)).lost
        ('gates',)
    """

    text: str
    """The file."""
    lost: tuple[str, ...]
    """What the other tool has no words for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What another tool's contract says of a table.

    Examples:
        >>> Promises(columns={"age": {"nulls": False}}).columns["age"]["nulls"]
        False
    """

    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What is said of each column, under the keys of our contract."""
    checks: tuple[str, ...] = ()
    """Check lines."""
    data: Mapping[str, object] = field(default_factory=dict)
    """What is said of the table, under the keys of `data`."""
    lost: tuple[str, ...] = ()
    """What was said and has no place in our contract."""


def name_of(column: str) -> str:
    """Write a column's name as check lines spell it.

    Examples:
        >>> name_of("age"), name_of("end date")
        ('age', '`end date`')
    """
    return str(Term(op="column", value=column))


def number_of(value: object) -> str:
    """Write a number as check lines spell it.

    Examples:
        >>> number_of(5), number_of(0.25)
        ('5', '0.25')
    """
    return str(Term(op="number", value=float(str(value))))


def whole_pattern(pattern: str, *, searched: bool) -> str:
    """Turn a pattern into one that stands for the whole text.

    Args:
        pattern: The pattern as the other tool writes it.
        searched: Whether it may stand anywhere in the text; otherwise it starts with the text.

    Examples:
        >>> whole_pattern("^[a-z]+$", searched=True), whole_pattern("@", searched=True)
        ('[a-z]+', '(?s:.*)(?:@)(?s:.*)')
    """
    written = pattern[4:-2] if pattern.startswith("^(?:") and pattern.endswith(")$") else ""
    if written and not pattern_fault(written):
        return written
    starts = pattern.startswith("^")
    ends = pattern.endswith("$") and not re.search(r"\\\\*\$\Z", pattern)
    inner = pattern[1 if starts else 0 : -1 if ends else len(pattern)]
    simple = starts and ends and "|" not in inner
    if simple:
        return inner
    before = "(?s:.*)" if searched and not starts else ""
    return f"{before}(?:{inner}){'' if ends else '(?s:.*)'}"


def _merged(old: Column | None, said: Mapping[str, object]) -> Mapping[str, object]:
    if old is None:
        reason = "said by an imported contract; not used until somebody gives it a role"
        return {"type": "text", "role": "context", "reason": reason, **said}
    # Ours knows whether a text is a category, and a number whole; other tools often do not.
    return {**old.model_dump(mode="python"), **said, "type": old.type}


def adopt(contract: Contract, promises: Promises) -> Contract:
    """Return the contract with what another tool's contract says of the table put in.

    Columns that ours does not have come in with the role `context`; nothing becomes a feature by import. The
    types that ours gives its columns stay.

    Args:
        contract: Ours.
        promises: What the other says.

    Raises:
        ContractInvalid: When the two do not fit together, with every fault.

    Examples:
        >>> adopt.__name__
        'adopt'
    """
    columns: dict[str, Mapping[str, object]] = {
        name: column.model_dump(mode="python") for name, column in contract.data.columns.items()
    }
    for name, said in promises.columns.items():
        columns[name] = _merged(contract.data.columns.get(name), said)
    checks = tuple(dict.fromkeys((*contract.data.checks, *promises.checks)))
    data = {**contract.data.model_dump(mode="python"), **promises.data, "columns": columns, "checks": checks}
    whole = {**contract.model_dump(mode="python"), "data": data}
    try:
        made = Contract.model_validate(whole)
    except ValidationError as error:
        faults = [
            Fault(".".join(map(str, detail["loc"])), detail["msg"])
            for detail in error.errors(include_url=False)
        ]
        raise _unfit(faults) from error
    faults = list(check_contract(made))
    if faults:
        raise _unfit(faults)
    return made


def _unfit(faults: list[Fault]) -> ContractInvalid:
    return ContractInvalid(
        "what was imported does not fit the contract",
        why="a contract whose parts contradict each other cannot be kept",
        next_step="correct contract.yaml or the imported file where they disagree",
        faults=faults[:50],
    )
