"""The contract in other tools' words: exported for them, and imported from them into contract.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.kernel.errors import UnknownName
from modelwright.ledger.artifacts import write_atomically
from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # the contract's models are loaded only where a contract is really read
    from modelwright.contracts.exchange import Exported, Promises
    from modelwright.workflow.compact import IterationCompact

__all__ = ["EXPORTS", "IMPORTS", "ContractDesk", "Imported", "format_of"]

EXPORTS = ("odcs", "pandera")
"""Formats that are written."""
IMPORTS = ("odcs", "pandera", "great-expectations")
"""Formats that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import changes in the contract.

    Examples:
        >>> Imported(format="odcs", changes=(), lost=(), written=False, frozen=False).changes
        ()
    """

    format: str
    """The format that was read."""
    changes: tuple[str, ...]
    """What is said otherwise than before, a line each."""
    lost: tuple[str, ...]
    """What the file says and our contract has no place for."""
    written: bool
    """Whether contract.yaml was written."""
    frozen: bool
    """Whether the contract is frozen, so that the change has to be amended."""


def format_of(text: str) -> str:
    """Tell the format of a contract by its words.

    Raises:
        UnknownName: When none of the formats fits.

    Examples:
        >>> format_of('{"expectations": []}'), format_of("kind: DataContract")
        ('great-expectations', 'odcs')
    """
    signs: Mapping[str, str] = {
        "expectations": "great-expectations",
        "schema_type": "pandera",
        "DataContract": "odcs",
    }
    for sign, name in signs.items():
        if sign in text:
            return name
    raise UnknownName.among("format", "of this file", IMPORTS, why="none of their words stands in it")


def _read(text: str, *, format: str, name: str, table: str) -> "Promises":  # noqa: A002 - the option's name
    from modelwright.contracts.expectations import from_expectations
    from modelwright.contracts.odcs_reading import from_odcs
    from modelwright.contracts.pandera_schema import from_pandera

    if format == "odcs":
        return from_odcs(text, name=name, table=table)
    return from_pandera(text, name=name) if format == "pandera" else from_expectations(text, name=name)


@dataclass(frozen=True, slots=True)
class ContractDesk:
    """Exports and imports the data contract.

    Examples:
        >>> "export" in dir(ContractDesk)
        True
    """

    ports: Ports
    """The outside world."""

    def compact(self) -> "IterationCompact":
        """Return the Iteration Compact of the contract.

        Raises:
            ContractInvalid: When contract.yaml is not valid.
        """
        from modelwright.contracts.reading import read_contract
        from modelwright.workflow.compact import compact_of

        self.ports.project.require()
        return compact_of(read_contract(self.ports.project.contract_file))

    def export(self, format: str, *, out: Path | None = None) -> "Exported":  # noqa: A002 - the option's name
        """Return the contract in the words of another tool, and what it has none for.

        Args:
            format: Whose words are used.
            out: A file to write as well.

        Raises:
            ContractInvalid: When contract.yaml is not valid.
            UnknownName: When the format is not one of those written.
        """
        from modelwright.contracts.odcs import to_odcs
        from modelwright.contracts.pandera_schema import to_pandera
        from modelwright.contracts.reading import read_contract

        if format not in EXPORTS:
            raise UnknownName.among("format", format, EXPORTS)
        self.ports.project.require()
        contract = read_contract(self.ports.project.contract_file)
        made = to_odcs(contract) if format == "odcs" else to_pandera(contract)
        if out is not None:
            write_atomically(out, made.text.encode("utf-8"))
        return made

    def import_from(
        self,
        file: Path,
        *,
        format: str = "auto",  # noqa: A002 - the option's name
        table: str = "",
        write: bool = False,
    ) -> Imported:
        """Put what another tool's contract says of the table into ours, or tell what that would change.

        Args:
            file: The other contract.
            format: Its format; `auto` goes by its words.
            table: The schema object to take, where the file describes several.
            write: Whether contract.yaml is written anew; comments of one's own are not kept.

        Raises:
            ContractInvalid: When either file is not valid, or the two do not fit together.
            UnknownName: When the format or the table is not known.
        """
        from modelwright.contracts.amendment import differences
        from modelwright.contracts.exchange import adopt
        from modelwright.contracts.reading import read_contract
        from modelwright.contracts.tree import read_text
        from modelwright.contracts.writing import render_contract

        self.ports.project.require()
        text = read_text(file, missing="name the file that shall be imported")
        chosen = format_of(text) if format == "auto" else format
        if chosen not in IMPORTS:
            raise UnknownName.among("format", chosen, IMPORTS)
        place = self.ports.project.contract_file
        contract = read_contract(place)
        promises = _read(text, format=chosen, name=file.name, table=table)
        made = adopt(contract, promises)
        changes = differences(contract, made)
        if write and changes:
            write_atomically(place, render_contract(made).encode("utf-8"))
        return Imported(
            format=chosen,
            changes=tuple(
                f"{change.path}: {change.before or 'nothing'} -> {change.after or 'nothing'}"
                for change in changes
            ),
            lost=promises.lost,
            written=write and bool(changes),
            frozen=fold(self.ports.ledger.entries()).frozen is not None,
        )
