"""A clean process: loads a bundle with nothing else in memory, and answers rows in every way there is.

Run as `python -m modelwright.registry.clean_process BUNDLE DIGEST`, rows as a JSON list on standard input.
What it answers is what a stranger's machine would answer.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from modelwright.features.transform import Matrix
from modelwright.kernel.errors import ModelwrightError
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.table import table_of

__all__ = ["CleanAnswers", "answer_all", "main"]

TRAINING_STACK = ("sklearn", "mlflow", "matplotlib")
"""Packages that answering must not need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanAnswers:
    """Scores and answers of every row, by each way of asking.

    Examples:
        >>> CleanAnswers(scores={}, answers={}, loaded=()).loaded
        ()
    """

    scores: Mapping[str, tuple[tuple[float, ...], ...]]
    """Way to the scores of each row: `columns`, `columns reversed`, `one by one`, `halves`."""
    answers: Mapping[str, tuple[str | float | None, ...]]
    """Way to the decision on each row."""
    loaded: tuple[str, ...]
    """Packages of the training stack that were loaded all the same."""


def _ways(bundle: Bundle, rows: Sequence[Mapping[str, object]]) -> Mapping[str, Matrix]:
    pipeline = bundle.pipeline
    table = table_of(rows, pipeline.plan)
    middle = (table.height + 1) // 2
    halves = [pipeline.scores(table.head(middle)), pipeline.scores(table.tail(table.height - middle))]
    return {
        "columns": pipeline.scores(table),
        "columns reversed": pipeline.scores(table.select(table.columns[::-1])),
        "one by one": np.concatenate([pipeline.scores_of_row(row) for row in rows]),
        "halves": np.concatenate(halves),
    }


def answer_all(bundle: Bundle, rows: Sequence[Mapping[str, object]]) -> CleanAnswers:
    """Answer rows in every way there is.

    Args:
        bundle: The loaded bundle.
        rows: Two rows or more, as JSON gives them.

    Examples:
        >>> answer_all.__name__
        'answer_all'
    """
    ways = _ways(bundle, rows)
    return CleanAnswers(
        scores={way: tuple(tuple(line) for line in scores.tolist()) for way, scores in ways.items()},
        answers={way: tuple(bundle.pipeline.decide(scores)) for way, scores in ways.items()},
        loaded=tuple(name for name in TRAINING_STACK if name in sys.modules),
    )


def main(arguments: Sequence[str]) -> int:
    """Answer the rows on standard input; what goes wrong is told on standard error.

    Examples:
        >>> main.__name__
        'main'
    """
    path, digest = arguments
    try:
        bundle = load(Path(path), expected_digest=digest)
        rows = msgspec.json.decode(
            sys.stdin.buffer.read(), type=list[dict[str, str | float | int | bool | None]]
        )
        answers = answer_all(bundle, rows)
    except ModelwrightError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    sys.stdout.buffer.write(msgspec.json.encode(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
