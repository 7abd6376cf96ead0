"""Batch scoring: a file in, a Parquet file out, in chunks; killed and run again, it goes on."""

import io
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import get_ident

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from modelwright.data.feature_join import FeatureJoin
from modelwright.data.formats import detect_format
from modelwright.features.transform import matrix
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import DataInvalid, Fault, IntegrityBroken, StorageFailed, nearest
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode
from modelwright.registry.answer_path import Answers
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.table import table_of
from modelwright.serving.engine import AnswerColumns, Engine, Row
from modelwright.serving.envelope import Prediction
from modelwright.serving.table_check import TableChecker

__all__ = ["BatchPath", "BatchResult", "score_file", "source_columns"]

CHUNK = 50_000
"""Rows scored at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What a batch came to.

    Examples:
        >>> BatchResult(
        ...     rows=2,
        ...     refused=0,
        ...     fallbacks=0,
        ...     resumed=0,
        ...     ignored=(),
        ...     target="out.parquet",
        ...     target_digest="",
        ...     bundle_digest="",
        ... ).rows
        2
    """

    rows: int
    """Rows in the source, and in the target."""
    refused: int
    """Rows that do not fit the contract: without an answer, with the reason in `error`."""
    fallbacks: int
    """Rows the fallback answered."""
    resumed: int
    """Rows that were taken over from a run before, which had been cut short."""
    ignored: tuple[str, ...]
    """Columns of the source that the model does not read."""
    target: str
    """The file that was written."""
    target_digest: str
    """Digest of its bytes."""
    bundle_digest: str
    """The bundle that answered."""
    joined: tuple[str, ...] = ()
    """Columns the source lacks, which were joined from feature tables."""
    as_of: str = ""
    """What they are joined as of: the column of each row's time, or one moment for all rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a batch does; parts of another one are of no use to it."""

    source_digest: str
    """The file that is scored."""
    bundle_digest: str
    """Who scores it."""
    chunk: int
    """Rows of a part."""
    keep: tuple[str, ...]
    """Columns copied to the target."""
    features: str = ""
    """Digest of the feature tables that are joined."""
    at: datetime | None = None
    """The moment they are joined as of, where rows have no time of their own."""


def _scan(source: Path) -> pl.LazyFrame:
    if not source.is_file():
        raise DataInvalid(
            f"there is no file {source}",
            why="there is nothing to score",
            next_step="check the path",
        )
    kind = detect_format(source, "auto")
    try:
        if kind == "parquet":
            scan = pl.scan_parquet(source)
        elif kind == "csv":
            tabbed = source.suffix.lower() == ".tsv"
            scan = pl.scan_csv(source, infer_schema=False, separator="\t" if tabbed else ",")
        elif kind == "jsonl":
            scan = pl.scan_ndjson(source, infer_schema_length=None)
        else:
            scan = pl.scan_ipc(source)
        scan.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataInvalid(
            f"{source.name} cannot be read: {str(error)[:200]}",
            why="rows that cannot be read cannot be scored",
            next_step="check how the file was written and export it again",
        ) from error
    return scan


def _demand_columns(scan: pl.LazyFrame, wanted: Sequence[str], source: Path) -> tuple[str, ...]:
    there = scan.collect_schema().names()
    faults = []
    for name in wanted:
        if name not in there:
            close = nearest(name, there)
            faults.append(
                Fault(f"column {name}", "is not there", next_step=f"is it {close!r}?" if close else "")
            )
    if faults:
        raise DataInvalid(
            f"{source.name} lacks columns",
            why="a column that is not there cannot be told from one that is empty in every row",
            next_step="add the columns, empty where a value is not known",
            faults=faults,
        )
    return tuple(name for name in there if name not in set(wanted))


class _Scorer:
    """Scores chunks of one source."""

    def __init__(self, bundle: Bundle, keep: tuple[str, ...], features: FeatureJoin | None) -> None:
        self._engine = Engine(bundle)
        self._plan = bundle.pipeline.plan
        self._checker = TableChecker(bundle.contract, self._plan)
        self._bundle = bundle
        self._keep = keep
        self._features = features
        self.reads = self._checker.reads

    def score(self, frame: pl.DataFrame, start: int, *, at: datetime | None) -> pl.DataFrame:
        """Return the answers to a chunk whose first row is row `start` of the source."""
        lost: Mapping[int, str] = {}
        if self._features is not None:
            rows = self._features.join(frame, at=at)
            frame, lost = rows.frame, rows.faults
        faults = dict(self._checker.faults(frame))
        for place, reason in lost.items():
            faults[place] = f"{reason}; {faults[place]}" if place in faults else reason
        good = np.ones(frame.height, dtype=np.bool_)
        good[list(faults)] = False
        fitting = frame.filter(pl.Series(good)) if faults else frame
        made = self._engine.answer_columns(matrix(self._plan, fitting)) if fitting.height else []
        columns = self._by_row(made) if isinstance(made, list) else self._whole(made)
        answered = pl.DataFrame([pl.Series("row", start + np.flatnonzero(good), dtype=pl.Int64), *columns])
        answered = answered.with_columns(pl.lit(None, dtype=pl.String).alias("error"))
        if faults:
            places = sorted(faults)
            refused = pl.DataFrame(
                {
                    "row": [start + place for place in places],
                    "fallback": [False] * len(places),
                    "review": [True] * len(places),
                    "error": [faults[place] for place in places],
                }
            )
            answered = pl.concat([answered, refused], how="diagonal").sort("row")
        version = pl.lit(self._bundle.version, dtype=pl.String).alias("version")
        return answered.with_columns(version, *(frame[name] for name in self._keep))

    def _whole(self, made: AnswerColumns) -> list[pl.Series]:
        """Return answers that are columns already."""
        classes, rows = self._bundle.pipeline.target.classes, len(made.scores)
        nobody = np.zeros(rows, dtype=np.bool_)
        names = [f"p_{label}" for label in classes] or ["value"]
        confidence = [None] * rows if made.confidence is None else made.confidence
        return [
            pl.Series("prediction", made.decided, dtype=pl.String() if classes else pl.Float64()),
            *(pl.Series(name, made.scores[:, place]) for place, name in enumerate(names)),
            pl.Series("confidence", confidence, dtype=pl.Float64),
            pl.Series("fallback", nobody),
            pl.Series("review", nobody if made.review is None else made.review),
        ]

    def _by_row(self, answers: Sequence[Prediction]) -> list[pl.Series]:
        """Return answers of which some are the fallback's."""
        classes = self._bundle.pipeline.target.classes

        def column(name: str, dtype: pl.DataType) -> pl.Series:
            return pl.Series(name, [getattr(answer, name) for answer in answers], dtype=dtype)

        scores = [
            pl.Series(
                f"p_{label}",
                [answer.probabilities[label] if answer.probabilities else None for answer in answers],
                dtype=pl.Float64,
            )
            for label in classes
        ]
        return [
            column("prediction", pl.String() if classes else pl.Float64()),
            *(scores or [column("value", pl.Float64())]),
            column("confidence", pl.Float64()),
            column("fallback", pl.Boolean()),
            column("review", pl.Boolean()),
        ]


def _prepared(folder: Path, plan: _Plan) -> _Plan:
    """Keep the parts of this very batch, and its moment; throw away those of another one."""
    noted = folder / "plan.json"
    try:
        before = decode(noted.read_bytes(), _Plan) if noted.exists() else None
    except IntegrityBroken:
        before = None
    if before is not None and replace(before, at=plan.at) == plan:
        return before
    shutil.rmtree(folder, ignore_errors=True)
    write_atomically(noted, encode(plan))
    return plan


def _joined(parts: Sequence[Path], target: Path) -> None:
    # Named as the next run knows files that a killed process began.
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{get_ident()}.part")
    try:
        pl.scan_parquet(list(parts)).sink_parquet(temporary)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(target)
    except (OSError, PolarsError) as error:  # Polars tells a full disk as a failed computation
        temporary.unlink(missing_ok=True)
        raise StorageFailed(
            f"could not write {target.name}: {error}",
            why="the scored parts are kept; nothing is lost",
            next_step="free disk space and run again; it goes on where it was",
        ) from error


def source_columns(source: Path) -> tuple[str, ...]:
    """Return the columns of a table that shall be scored.

    Args:
        source: Parquet, CSV, TSV, JSON Lines or Arrow.

    Raises:
        DataInvalid: When it cannot be read.

    Examples:
        >>> source_columns.__name__
        'source_columns'
    """
    return tuple(_scan(source).collect_schema().names())


def score_file(
    bundle: Bundle,
    source: Path,
    target: Path,
    *,
    chunk: int = CHUNK,
    keep: Sequence[str] = (),
    features: FeatureJoin | None = None,
) -> BatchResult:
    """Score a file of rows; run again after a kill, it goes on and ends with the same bytes.

    Args:
        bundle: Who answers.
        source: Parquet, CSV, TSV, JSON Lines or Arrow; may be larger than memory.
        target: The Parquet file to write; it appears when it is complete.
        chunk: Rows scored at a time.
        keep: Columns of the source copied to the target, such as its key.
        features: Joins the features the source lacks; a run that goes on keeps the moment it began with.

    Raises:
        DataInvalid: When the source cannot be read or lacks columns; all are named.
        StorageFailed: When the target cannot be written.

    Examples:
        >>> score_file.__name__
        'score_file'
    """
    scan = _scan(source)
    scorer = _Scorer(bundle, tuple(keep), features)
    made, matched = (features.makes, features.reads) if features else ((), ())
    wanted = tuple(name for name in (*bundle.pipeline.plan.columns, *keep) if name not in made) + matched
    beside = _demand_columns(scan, wanted, source)
    # Conditions of the contract may look at columns that the model does not.
    looked = tuple(name for name in beside if name in scorer.reads)
    plan = _Plan(
        source_digest=digest_of_file(source),
        bundle_digest=bundle.digest,
        chunk=chunk,
        keep=tuple(keep),
        features=features.digest if features else "",
        at=features.at if features and not features.time else None,
    )
    folder = target.with_name(target.name + ".parts")
    plan = _prepared(folder, plan)
    narrow = scan.select(list(dict.fromkeys((*wanted, *looked))))
    total, resumed = _scored_parts(scorer, narrow, folder, plan=plan, target=target)
    counted = pl.scan_parquet(target).select(pl.col("error").is_not_null().sum(), pl.col("fallback").sum())
    refused, fallbacks = counted.collect().row(0)
    shutil.rmtree(folder)
    return BatchResult(
        rows=total,
        refused=int(refused),
        fallbacks=int(fallbacks),
        resumed=resumed,
        ignored=tuple(name for name in beside if name not in looked),
        target=str(target),
        target_digest=digest_of_file(target),
        bundle_digest=bundle.digest,
        joined=made,
        as_of=(features.time or f"{plan.at:%Y-%m-%d %H:%M:%S} UTC") if features else "",
    )


def _scored_parts(
    scorer: _Scorer, rows: pl.LazyFrame, folder: Path, *, plan: _Plan, target: Path
) -> tuple[int, int]:
    """Score what is not scored yet, and join it to the target; return all rows, and those taken over."""
    total = int(rows.select(pl.len()).collect().item())
    parts: list[Path] = []
    resumed = 0
    for start in range(0, max(total, 1), plan.chunk):
        part = folder / f"part-{start // plan.chunk:08d}.parquet"
        if part.exists():
            resumed += min(plan.chunk, total - start)
        else:
            stream = io.BytesIO()
            frame = rows.slice(start, plan.chunk).collect()
            scorer.score(frame, start, at=plan.at).write_parquet(stream)
            write_atomically(part, stream.getvalue())
        parts.append(part)
    _joined(parts, target)
    return total, resumed


class BatchPath:
    """The batch job as a way of answering, for the certificate.

    Args:
        bundle: The bundle's file.
        folder: Where source and target are written.

    Examples:
        >>> BatchPath(Path("v1.mwb"), folder=Path("scratch")).folder.name
        'scratch'
    """

    def __init__(self, bundle: Path, *, folder: Path) -> None:
        """Keep the places."""
        self.bundle = bundle
        self.folder = folder

    def answer(self, rows: Sequence[Row]) -> Mapping[str, Answers]:
        """Return the answers in one chunk and in small ones."""
        bundle = load(self.bundle)
        self.folder.mkdir(parents=True, exist_ok=True)
        source, target = self.folder / "rows.parquet", self.folder / "answers.parquet"
        stream = io.BytesIO()
        table_of(rows, bundle.pipeline.plan).write_parquet(stream)
        write_atomically(source, stream.getvalue())
        made: dict[str, Answers] = {}
        for way, chunk in (("one chunk", CHUNK), ("chunks of 7", 7)):
            result = score_file(bundle, source, target, chunk=chunk)
            told = pl.read_parquet(target)
            if result.refused or result.fallbacks:
                raise IntegrityBroken(
                    f"the batch refused {result.refused} rows and fell back on {result.fallbacks}",
                    why="every row of a certificate is one the contract allows",
                    next_step="look at the column error of the target",
                )
            names = [name for name in told.columns if name.startswith("p_")] or ["value"]
            made[way] = Answers(
                scores=told.select(names).to_numpy().astype(np.float64),
                decisions=tuple(told["prediction"].to_list()),
            )
        return made
