"""Batch scoring: rows a second from Parquet to Parquet, against the model's bare predictions in memory."""

import polars as pl

from benchmarks.life import DATA, finished_life, scratch, tell
from benchmarks.measurement import Measurement, timed
from modelwright.features.transform import matrix
from modelwright.serving.batch import score_file
from modelwright.workflow.places import champion_bundle

COPIES = 3
ROUNDS = 3
SHARE = 0.8


def measure() -> tuple[Measurement, ...]:
    """Three copies of the demonstration's table, scored in turn by the job and by the bare model."""
    bundle = champion_bundle(finished_life().open().ports)
    pipeline, folder = bundle.pipeline, scratch()
    frame = pl.concat([pl.read_parquet(DATA)] * COPIES)
    source, target = folder / "rows.parquet", folder / "answers.parquet"
    frame.write_parquet(source)
    x = matrix(pipeline.plan, frame)
    job: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        tell(f"{frame.height:,} rows, round {number + 1} of {ROUNDS}")
        job += timed(lambda: score_file(bundle, source, target), times=1)
        bare += timed(lambda: pipeline.scores_of_matrix(x), times=1)
        target.unlink()
    return (
        Measurement(
            name="batch scoring",
            unit="rows/s",
            values=tuple(frame.height / seconds for seconds in job),
            bar=None,
            note="read, checked, encoded, scored, decided, written, synced, digested",
        ),
        Measurement(
            name="bare predictions",
            unit="rows/s",
            values=tuple(frame.height / seconds for seconds in bare),
            bar=None,
            note="a matrix in memory to scores in memory",
        ),
        Measurement(
            name="batch scoring over bare predictions",
            unit="x",
            values=tuple(plain / seconds for plain, seconds in zip(bare, job, strict=True)),
            bar=SHARE,
            sense="at least",
            note=f"{frame.height:,} rows; the bar was set for 10 million",
        ),
    )
