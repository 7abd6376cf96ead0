"""The snapshot: data as it was, immutable and content-addressed, with the test labels sealed."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.seal import Sealer
from modelwright.data.source_origin import Origin
from modelwright.data.split import EVERY_PART, LEFT_OUT, PARTS, assign
from modelwright.kernel.digest import digest_of, short
from modelwright.kernel.document import Document, Facts, Table
from modelwright.kernel.errors import DataInvalid, Fault, UnknownName
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.tasks.catalogue import task_of
from modelwright.tasks.classes import class_shares
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec

__all__ = ["ROW_ID", "Snapshot", "part", "take"]

ROW_ID = "row_id"
"""The column every part carries: the position of the row in the stacked source table after reading."""

DIGEST_ROWS = 100_000
"""Rows turned to text at a time while the content is digested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was taken: which bytes, under which contract, split how, sealed by which key.

    Examples:
        >>> Snapshot.__slots__[0]
        'digest'
    """

    digest: str
    """Digest over all other fields: the name later steps demand."""
    contract_digest: str
    """The contract the data was read and split under."""
    source_digests: Mapping[str, str]
    """Source path as the contract writes it, to the digest of the file's bytes."""
    rows: Mapping[str, int]
    """Part to its number of rows."""
    parts: Mapping[str, str]
    """Part to the artifact digest of its Parquet bytes; the test part holds no target."""
    sealed_labels: str
    """Artifact digest of the encrypted test labels: row id and target."""
    seal_id: str
    """Public name of the key the labels are sealed with."""
    columns: tuple[str, ...]
    """The columns of the parts, the target among them."""
    target: TargetSpec
    """The target: classes over all rows, the prior over the training rows alone."""
    split_policy: str
    """How rows were assigned."""
    row_digest: str
    """Digest over every value but the target and over each row's part, in row order; it does not depend on
    how files are written."""
    origins: tuple[Origin, ...] = ()
    """Each source as it was read: its kind, version, rows and files."""

    def document(self) -> Document:
        """Render the snapshot for people."""
        total = max(sum(self.rows.values()), 1)
        facts = Facts(
            items=(
                ("Snapshot", short(self.digest)),
                ("Contract", short(self.contract_digest)),
                ("Split", self.split_policy),
                ("Target", f"{self.target.name} ({self.target.task})"),
                ("Columns", f"{len(self.columns)}"),
                ("Test labels", f"sealed with key {self.seal_id}"),
            )
        )
        parts = Table(
            columns=("part", "rows", "share", "digest"),
            rows=tuple(
                (name, f"{rows:,}", f"{rows / total:.1%}", short(self.parts[name]))
                for name, rows in self.rows.items()
            ),
        )
        versions = {origin.name: origin.version for origin in self.origins}
        sources = Table(
            columns=("source", "digest", "version"),
            rows=tuple(
                (name, short(digest), versions.get(name, "")) for name, digest in self.source_digests.items()
            ),
        )
        return Document(title="Data snapshot", blocks=(facts, parts, sources))


def _parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream, compression="zstd", row_group_size=DIGEST_ROWS)
    return stream.getvalue()


def _row_digest(frame: pl.DataFrame) -> str:
    state = hashlib.sha256()
    for start in range(0, max(frame.height, 1), DIGEST_ROWS):
        text = frame.slice(start, DIGEST_ROWS).write_csv(include_header=start == 0, null_value="\x00")
        state.update(text.encode("utf-8"))
    return "sha256:" + state.hexdigest()


def _prior(column: pl.Series, spec: TargetSpec) -> tuple[float, ...]:
    if spec.classes:
        return class_shares(as_labels(column), spec.classes)
    return (float(np.median(column.cast(pl.Float64).to_numpy())),)


def _check(frame: pl.DataFrame, contract: Contract) -> None:
    faults = [
        Fault(
            f"column {name}",
            "named in the contract, not in the data",
            next_step="take it out of data.columns",
        )
        for name, column in contract.data.columns.items()
        if name not in frame.columns and column.role != "excluded"
    ]
    if ROW_ID in frame.columns:
        cure = "rename the column in the source"
        faults.append(Fault(f"column {ROW_ID}", "this name is used for the row's position", next_step=cure))
    if faults:
        raise DataInvalid(
            "the data does not fit the contract",
            why="a snapshot holds exactly what the contract describes",
            next_step="correct the source or the contract and run again",
            faults=faults,
        )


def take(
    frame: pl.DataFrame,
    contract: Contract,
    *,
    store: ArtifactStore,
    seal: Sealer,
    source_digests: Mapping[str, str] | None = None,
    origins: Sequence[Origin] = (),
) -> Snapshot:
    """Split, seal and store a table; taking the same table again gives the same snapshot.

    Every artifact is written whole before the snapshot names it, so that a kill at any instant leaves
    either no snapshot or a complete one, and running again completes it.

    Args:
        frame: The table as `read_sources` gives it.
        contract: The contract it was read under.
        store: Where the parts are put.
        seal: The key for the test labels.
        source_digests: Digests of the sources; those of `origins` when not given.
        origins: The sources as `read_with_notes` read them.

    Raises:
        DataInvalid: When the table does not fit the contract, the target does not suit the task, or a part
            would be empty.

    Examples:
        >>> take.__name__
        'take'
    """
    _check(frame, contract)
    target_name = contract.prediction.target
    task = task_of(contract.prediction.task)
    overall = task.describe_target(frame[target_name], contract)
    parts = assign(frame, contract, overall)
    coded = [name for name in _namers(contract) if contract.data.columns[name].keep_out]
    kept = [
        name
        for name, column in contract.data.columns.items()
        if name in frame.columns
        and (name in {target_name, *coded} or not column.keep_out)
        and column.role != "excluded"
    ]
    codes = [_codes(frame[name]) for name in coded if name in kept]
    numbered = frame.select(kept).with_columns(codes).with_row_index(ROW_ID).cast({ROW_ID: pl.Int64})
    numbered = numbered.with_columns(parts)
    tables = {name: numbered.filter(pl.col(parts.name) == name).drop(parts.name) for name in EVERY_PART}
    tables = {name: table for name, table in tables.items() if name in PARTS or table.height}
    if LEFT_OUT in tables:  # which rows they are is kept, and nothing of what they hold
        tables[LEFT_OUT] = tables[LEFT_OUT].select(ROW_ID)
    labels = tables["test"].select(ROW_ID, target_name)
    snapshot = Snapshot(
        digest="",
        contract_digest=contract.digest,
        source_digests=dict(source_digests or {origin.name: origin.digest for origin in origins}),
        rows={name: table.height for name, table in tables.items()},
        parts={
            name: store.put(_parquet(table.drop(target_name) if name == "test" else table))
            for name, table in tables.items()
        },
        sealed_labels=store.put(seal.close(labels)),
        seal_id=seal.seal_id,
        columns=tuple(kept),
        target=replace(overall, prior=_prior(tables["train"][target_name], overall)),
        split_policy=contract.data.split.policy,
        row_digest=_row_digest(numbered.drop(target_name)),
        origins=tuple(origins),
    )
    return replace(snapshot, digest=_digest(snapshot))


def _namers(contract: Contract) -> tuple[str, ...]:
    """Return the columns that say which rows belong together."""
    named = [contract.data.split.group, contract.prediction.entity]
    named += contract.data.of_role("entity", "group")
    return tuple(dict.fromkeys(name for name in named if name in contract.data.columns))


def _codes(column: pl.Series) -> pl.Series:
    """Put the place of its first row for each value: who belongs together stays, who it is does not."""
    labels = as_labels(column).alias("label").to_frame().with_row_index("place")
    first = pl.when(pl.col("label").is_not_null()).then(pl.col("place").cast(pl.Int64).first().over("label"))
    return labels.select(first.alias(column.name)).to_series()


def _digest(snapshot: Snapshot) -> str:
    return digest_of(replace(snapshot, digest=""))


def part(snapshot: Snapshot, name: str, *, store: ArtifactStore) -> pl.DataFrame:
    """Return one part of a snapshot, its bytes checked; the test part has no target.

    Args:
        snapshot: What was taken.
        name: `train`, `validation` or `test`.
        store: Where the parts lie.

    Raises:
        UnknownName: When there is no such part.
        IntegrityBroken: When the part is missing or was changed.

    Examples:
        >>> part.__name__
        'part'
    """
    if name not in snapshot.parts:
        raise UnknownName.among("part", name, snapshot.parts)
    return pl.read_parquet(io.BytesIO(store.get(snapshot.parts[name])))
