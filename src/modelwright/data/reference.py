"""References: the values that checks look others up in, read from the tables the contract names."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from modelwright.contracts.check import parse_check
from modelwright.contracts.contract import Contract
from modelwright.contracts.term import Term
from modelwright.data.source import read_table
from modelwright.kernel.errors import DataInvalid, Fault, nearest

__all__ = ["read_references"]


def _named(term: Term) -> list[str]:
    own = [str(term.args[1].value)] if term.op == "refers" and len(term.args) == 2 else []
    return own + [name for part in term.args for name in _named(part)]


def read_references(contract: Contract, *, root: Path) -> Mapping[str, pl.Series]:
    """Read the columns that checks refer to, by `table.column`.

    Args:
        contract: Names the tables under `data.references`, and the checks that use them.
        root: The folder relative paths start from.

    Raises:
        DataInvalid: When a table cannot be read or lacks a column; all such columns are told at once.

    Examples:
        >>> read_references.__name__
        'read_references'
    """
    wanted = sorted({name for text in contract.data.checks for name in _named(parse_check(text).term)})
    tables: dict[str, pl.DataFrame] = {}
    found: dict[str, pl.Series] = {}
    faults: list[Fault] = []
    for name in wanted:
        table, _, column = name.partition(".")
        source = contract.data.references[table]
        if table not in tables:
            tables[table] = read_table(root / source.path, format=source.format)
        if column in tables[table].columns:
            found[name] = tables[table][column].unique(maintain_order=True)
            continue
        close = nearest(column, tables[table].columns)
        cure = f"did you mean '{table}.{close}'?" if close else "name a column of that table"
        faults.append(Fault(f"reference {name}", f"{source.path} has no column {column}", next_step=cure))
    if faults:
        raise DataInvalid(
            "a check refers to a column that is not there",
            why="values that cannot be looked up cannot be checked",
            next_step="correct the check, or the table under data.references",
            faults=faults,
        )
    return found
