"""Joining features to rows that are scored: as of each row's own time, or as of one moment for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.feature import FeatureTable
from modelwright.data.asof import Timeline
from modelwright.data.conform import conform
from modelwright.data.feature_reading import TypedTable
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import DataInvalid, Fault

__all__ = ["FeatureJoin", "JoinedRows", "lacking_tables"]

MOMENT = "\x00moment"
"""The column of times while rows are joined; no source has a name like this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JoinedRows:
    """Rows with their features.

    Examples:
        >>> JoinedRows(frame=pl.DataFrame({"a": [1]}), faults={}).faults
        {}
    """

    frame: pl.DataFrame
    """All rows, in their order, with what was made."""
    faults: Mapping[int, str]
    """Rows whose past cannot be looked up, each with the reason."""


def lacking_tables(
    contract: Contract, *, wanted: Sequence[str], there: Sequence[str]
) -> tuple[FeatureTable, ...]:
    """Return the feature tables of which wanted columns are not there; who brings some must bring all.

    Args:
        contract: Declares the feature tables.
        wanted: The columns the model reads.
        there: The columns the rows have.

    Examples:
        >>> lacking_tables.__name__
        'lacking_tables'
    """
    have, read = set(there), set(wanted)
    found = []
    for table in contract.data.feature_tables:
        needed = read.intersection(table.outputs)
        # As with requests: a table that is brought in part is told as any column that is missing.
        if needed and not needed & have:
            found.append(table)
    return tuple(found)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _dated(values: pl.Series, column: Column) -> pl.Series:
    """Return moments that were written as text, in ISO 8601 as requests write them, each by itself.

    What one part of a table is read as must not depend on where parts begin.
    """
    if column.type != "datetime" or values.dtype != pl.String:
        return values
    known = {text: _moment(text) for text in values.drop_nulls().unique().to_list()}
    return values.replace_strict(known, default=None, return_dtype=pl.Datetime("us"))


class FeatureJoin:
    """Joins feature tables to rows that lack them.

    Args:
        contract: Says how keys, times and features are read.
        tables: The feature tables that are joined, as `read_feature_tables` gives them.
        there: The columns the rows have.
        at: The moment for rows that have no column of times.

    Raises:
        DataInvalid: When the rows do not say whom they are about.

    Examples:
        >>> FeatureJoin.__name__
        'FeatureJoin'
    """

    def __init__(
        self, contract: Contract, tables: Sequence[TypedTable], *, there: Sequence[str], at: datetime
    ) -> None:
        """Put every table in order once."""
        self.at = at
        """The moment for rows that have no column of times."""
        self._columns = contract.data.columns
        time = contract.data.feature_time or contract.data.event_time or ""
        self.time = time if time in there else ""
        """The column of each row's own time; empty when rows are joined as of one moment."""
        keys = tuple(dict.fromkeys(key for table in tables for key in table.view.keys))
        faults = [
            Fault(f"column {name}", "is not there", next_step="add it, or the features themselves")
            for name in keys
            if name not in there
        ]
        if faults:
            raise DataInvalid(
                "features cannot be joined to these rows",
                why="a row that does not say whom it is about has no past to look at",
                next_step="add the columns that the feature tables are matched with",
                faults=faults,
            )
        self._keys = keys
        self.reads = (*keys, *((self.time,) if self.time else ()))
        """Columns the rows are matched by."""
        self._timelines = [Timeline(table.view, table.frame) for table in tables]
        made = (name for table in tables for name in table.view.outputs)
        self.makes = tuple(name for name in made if self._columns[name].role != "excluded")
        """Columns that are made."""
        self.digest = digest_of({table.view.name: table.origin.digest for table in tables})
        """Changes with any table that is joined."""

    def join(self, frame: pl.DataFrame, *, at: datetime | None = None) -> JoinedRows:
        """Return rows with their features.

        Args:
            frame: The rows; keys as a source may spell them, times as moments or in ISO 8601.
            at: Another moment for rows that have no column of times.

        Raises:
            DataInvalid: When features are not of the type the contract says.
        """
        read = {
            name: conform(_dated(frame[name], self._columns[name]), self._columns[name], where="the rows")
            for name in self.reads
        }
        lost: dict[int, list[str]] = {}
        for name, result in read.items():
            for place in result.values.is_null().arg_true().to_list():
                lost.setdefault(place, []).append(name)
        spine = pl.DataFrame([read[name].values for name in self._keys])
        made = self._made(frame, spine, at or self.at, times=read[self.time].values if self.time else None)
        told = {
            place: f"{', '.join(names)}: empty or not readable, so that no features can be joined"
            for place, names in lost.items()
        }
        return JoinedRows(frame=made, faults=told)

    def _made(
        self, frame: pl.DataFrame, keys: pl.DataFrame, at: datetime, *, times: pl.Series | None = None
    ) -> pl.DataFrame:
        """Return the rows with what every table tells of them."""
        now = at.astimezone(UTC).replace(tzinfo=None)
        moments = pl.Series(MOMENT, [now], dtype=pl.Datetime("us")).new_from_index(0, keys.height)
        if times is not None:
            # A row without a time is told apart; here it only has to hold its place.
            moments = times.alias(MOMENT).fill_null(now)
        spine = keys.with_columns(moments)
        columns: list[pl.Series] = []
        faults: list[Fault] = []
        for timeline in self._timelines:
            made = timeline.at(spine, time=MOMENT)
            for name in made.columns:
                if name in self.makes:
                    result = conform(made[name], self._columns[name], where=timeline.view.name)
                    columns.append(result.values)
                    faults += result.faults
        if faults:
            raise DataInvalid(
                "joined features are not of the type the contract says",
                why="what is not as described cannot be served",
                next_step="correct the feature tables",
                faults=faults[:50],
            )
        return frame.drop(self.makes, strict=False).with_columns(columns)
