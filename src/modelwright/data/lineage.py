"""Lineage: every column of the matrix, back to columns of the snapshot and of the sources it came from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from modelwright.contracts.contract import Contract
from modelwright.contracts.feature import Aggregate, FeatureTable
from modelwright.data.lineage_picture import draw
from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Document, Facts, Figure, Heading, Table

__all__ = ["SNAPSHOT", "Ancestor", "ColumnLineage", "Lineage", "lineage_of"]

SNAPSHOT = ""
"""The name ancestors inside the snapshot have instead of a source's."""

MOST_ROWS = 400
"""Matrix columns in the table of the page; all of them are in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """A column that another is made of.

    Examples:
        >>> Ancestor(source="calls.csv", column="age").relation
        'identity'
    """

    source: str
    """The source as the contract names it; empty for a column of the snapshot."""
    column: str
    """The column."""
    relation: Literal["identity", "transformation", "aggregation", "join"] = "identity"
    """Read as it is, changed row by row, put together of many rows, or only used to match rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLineage:
    """One column, what it is made of, and how.

    Examples:
        >>> made = ColumnLineage(name="age", inputs=(Ancestor(source="", column="age"),), how="number")
        >>> made.why
        ''
    """

    name: str
    """The column."""
    inputs: tuple[Ancestor, ...]
    """The columns it is made of."""
    how: str
    """How, in words."""
    why: str = ""
    """Why it should carry signal; empty when nobody said."""
    leak: str = ""
    """How it could tell the outcome; empty when nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """From sources over the snapshot to the matrix.

    Examples:
        >>> Lineage.__slots__[0]
        'name'
    """

    name: str
    """The model."""
    contract_digest: str
    """The contract all of it was made under."""
    snapshot_digest: str
    """The snapshot."""
    sources: Mapping[str, str]
    """Source to the digest of what was read."""
    columns: tuple[ColumnLineage, ...]
    """Columns of the snapshot, made of columns of the sources."""
    features: tuple[ColumnLineage, ...] = ()
    """Columns of the matrix, made of columns of the snapshot; none before a plan is compiled."""

    def trace(self, name: str) -> tuple[Ancestor, ...]:
        """Return the columns of sources behind a matrix column; none for a name that is no matrix column."""
        table = {column.name: column for column in self.columns}
        found = (feature for feature in self.features if feature.name == name)
        behind = (table[one.column].inputs for feature in found for one in feature.inputs)
        return tuple(dict.fromkeys(ancestor for inputs in behind for ancestor in inputs))

    def document(self) -> Document:
        """Render the lineage: the picture, then each matrix column with its ancestors."""
        facts = Facts(
            items=(
                ("Snapshot", short(self.snapshot_digest)),
                ("Contract", short(self.contract_digest)),
                *((name, short(digest)) for name, digest in self.sources.items()),
            )
        )
        rows = tuple(
            (
                feature.name,
                feature.how,
                ", ".join(one.column for one in feature.inputs),
                ", ".join(f"{one.source}:{one.column}" for one in self.trace(feature.name)),
                feature.why or "not stated",
                feature.leak or "not stated",
            )
            for feature in self.features[:MOST_ROWS]
        )
        more = len(self.features) - MOST_ROWS
        caption = f"{more} more columns are in the record" if more > 0 else ""
        blocks: list[Block] = [facts, Figure(svg=self.picture(), caption=self._caption())]
        if rows:
            heads = ("matrix column", "made by", "of", "from", "why it may separate", "how it could leak")
            blocks += [Heading(text="Columns"), Table(columns=heads, rows=rows, caption=caption)]
        return Document(title="Lineage", blocks=tuple(blocks))

    def picture(self) -> str:
        """Draw sources, columns and features, and what is made of what."""
        left = tuple(dict.fromkeys(_label(one) for column in self.columns for one in column.inputs))
        middle = tuple(column.name for column in self.columns)
        right = tuple(feature.name for feature in self.features)
        links = [(0, _label(one), column.name) for column in self.columns for one in column.inputs]
        links += [(1, one.column, feature.name) for feature in self.features for one in feature.inputs]
        heads = ("sources", f"snapshot {short(self.snapshot_digest)}", "matrix")
        return draw(heads, (left, middle, right), links)

    def _caption(self) -> str:
        return (
            f"{len(self.sources)} sources, {len(self.columns)} columns of the snapshot, "
            f"{len(self.features)} of the matrix; a line leads from each column to what is made of it"
        )


def _label(ancestor: Ancestor) -> str:
    return f"{ancestor.source}:{ancestor.column}"


def _keys(table: FeatureTable) -> tuple[Ancestor, ...]:
    times = (table.event_time, *((table.created_time,) if table.created_time else ()))
    return tuple(
        Ancestor(source=table.source.name, column=name, relation="join") for name in (*table.entity, *times)
    )


def _windowed(table: FeatureTable, aggregate: Aggregate) -> ColumnLineage:
    over = f"over {aggregate.window}" if aggregate.window else "over the whole past"
    of = f" of {aggregate.column}" if aggregate.column else ""
    column = aggregate.column or table.event_time
    made_of = Ancestor(source=table.source.name, column=column, relation="aggregation")
    return ColumnLineage(
        name=aggregate.named(table.name),
        inputs=(made_of, *(key for key in _keys(table) if key.column != column)),
        how=f"{aggregate.function}{of} {over}, as of the row's time",
        why=table.hypothesis,
        leak=table.leak,
    )


def _joined(table: FeatureTable) -> Iterator[ColumnLineage]:
    young = f", at most {table.ttl} old" if table.ttl else ""
    for column in table.columns:
        yield ColumnLineage(
            name=f"{table.name}_{column}",
            inputs=(
                Ancestor(source=table.source.name, column=column),
                *(key for key in _keys(table) if key.column != column),
            ),
            how=f"latest {column} as of the row's time{young}",
            why=table.hypothesis,
            leak=table.leak,
        )
    for aggregate in table.aggregates:
        yield _windowed(table, aggregate)


def lineage_of(
    contract: Contract,
    *,
    snapshot_digest: str,
    source_digests: Mapping[str, str],
    features: Sequence[ColumnLineage] = (),
) -> Lineage:
    """Put together where every column comes from.

    Args:
        contract: Declares sources, feature tables and columns.
        snapshot_digest: The snapshot that was taken.
        source_digests: What was read, source by source.
        features: The matrix columns, as the plan makes them of the snapshot's.

    Examples:
        >>> lineage_of.__name__
        'lineage_of'
    """
    data = contract.data
    joined = {column.name: column for table in data.feature_tables for column in _joined(table)}
    columns = []
    for name, spec in data.columns.items():
        if spec.role == "excluded":
            continue
        inputs = tuple(Ancestor(source=source.name, column=name) for source in data.sources)
        columns.append(
            joined.get(name) or ColumnLineage(name=name, inputs=inputs, how=f"read as {spec.type}")
        )
    known = {column.name: column for column in columns}
    told = {column: signal for signal in _signals(contract) for column in signal[0]}
    finished = []
    for feature in features:
        behind = [known[one.column] for one in feature.inputs if one.column in known]
        why = feature.why or next((one.why for one in behind if one.why), "")
        leak = feature.leak or next((one.leak for one in behind if one.leak), "")
        for one in feature.inputs:
            if one.column in told:
                why, leak = why or told[one.column][1], leak or told[one.column][2]
        finished.append(
            ColumnLineage(name=feature.name, inputs=feature.inputs, how=feature.how, why=why, leak=leak)
        )
    return Lineage(
        name=contract.name,
        contract_digest=contract.digest,
        snapshot_digest=snapshot_digest,
        sources=dict(source_digests),
        columns=tuple(columns),
        features=tuple(finished),
    )


def _signals(contract: Contract) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what the decision says of families of signals: columns, why they separate, how they leak."""
    for signal in contract.decision.candidate_signals:
        yield signal.columns, signal.why, signal.leak
