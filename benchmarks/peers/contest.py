"""One library that validates tables, timed in the environment of its own: prints what it took as JSON.

Run by `benchmarks.peers`; neither the product nor other benchmarks can be imported here. Every library checks
the same thirty columns for emptiness, and for bounds or a list of values, and keeps what failed.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

Check = Callable[[pl.DataFrame], int]
"""Validates a table and returns how many values it found that break a promise."""

HIGHEST = {"number": 100, "code": 998}
"""Upper bound of the columns with numbers, by how their names begin."""

MOST_SECONDS = 25.0
"""No library begins another round after so long."""


def highest(name: str) -> int:
    """Return the upper bound of a column with numbers."""
    return next(bound for start, bound in HIGHEST.items() if name.startswith(start))


def _pandera(frame: pl.DataFrame, categories: list[str]) -> Check:
    pandera: ModuleType = importlib.import_module("pandera.polars")
    columns = {}
    for name, dtype in frame.schema.items():
        one = (
            pandera.Check.isin(categories) if dtype == pl.String else pandera.Check.in_range(0, highest(name))
        )
        columns[name] = pandera.Column(dtype, one, nullable=False)
    schema = pandera.DataFrameSchema(columns)

    def check(table: pl.DataFrame) -> int:
        try:
            schema.validate(table, lazy=True)
        except pandera.errors.SchemaErrors as error:
            return int(error.failure_cases.height)
        return 0

    return check


def _pointblank(frame: pl.DataFrame, categories: list[str]) -> Check:
    pointblank: ModuleType = importlib.import_module("pointblank")

    def check(table: pl.DataFrame) -> int:
        asked = pointblank.Validate(table)
        for name, dtype in frame.schema.items():
            asked = asked.col_vals_not_null(name)
            if dtype == pl.String:
                asked = asked.col_vals_in_set(name, [*categories, None])
            else:
                asked = asked.col_vals_between(name, 0, highest(name), na_pass=True)
        return sum(asked.interrogate().n_failed().values())

    return check


def _dataframely(frame: pl.DataFrame, categories: list[str]) -> Check:
    dataframely: ModuleType = importlib.import_module("dataframely")
    columns = {}
    for name, dtype in frame.schema.items():
        if dtype == pl.String:
            columns[name] = dataframely.String(check=lambda value: value.is_in(categories))
        elif dtype.is_integer():
            columns[name] = dataframely.Int64(min=0, max=highest(name))
        else:
            columns[name] = dataframely.Float64(min=0, max=highest(name))
    schema: Any = type("Wide", (dataframely.Schema,), columns)

    def check(table: pl.DataFrame) -> int:
        _, failure = schema.filter(table)
        return sum(failure.counts().values())

    return check


def _great_expectations(frame: pl.DataFrame, categories: list[str]) -> Check:
    expectations: ModuleType = importlib.import_module("great_expectations")
    known: ModuleType = importlib.import_module("great_expectations.expectations")
    context = expectations.get_context(mode="ephemeral")
    suite = expectations.ExpectationSuite(name="wide")
    for name, dtype in frame.schema.items():
        suite.add_expectation(known.ExpectColumnValuesToNotBeNull(column=name))
        if dtype == pl.String:
            wanted = known.ExpectColumnValuesToBeInSet(column=name, value_set=categories)
        else:
            wanted = known.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=highest(name))
        suite.add_expectation(wanted)
    source = context.data_sources.add_pandas("wide")
    whole = source.add_dataframe_asset("wide").add_batch_definition_whole_dataframe("wide")

    def check(table: pl.DataFrame) -> int:
        assert len(pandas) == table.height
        batch = whole.get_batch(batch_parameters={"dataframe": pandas})
        results = batch.validate(suite).results
        return sum(int(result.result["unexpected_count"]) for result in results)

    # It reads tables of pandas alone; bringing the table there is not held against it.
    pandas = frame.to_pandas()
    return check


LIBRARIES: dict[str, Callable[[pl.DataFrame, list[str]], Check]] = {
    "pandera": _pandera,
    "pointblank": _pointblank,
    "dataframely": _dataframely,
    "great-expectations": _great_expectations,
}
"""By the names they are installed by."""


def main(library: str, table: Path, categories: Path, rounds: int) -> None:
    """Time a few validations, one warm, and print them."""
    frame = pl.read_parquet(table)
    check = LIBRARIES[library](frame, json.loads(categories.read_text(encoding="utf-8")))
    began = time.perf_counter()
    seconds: list[float] = []
    found = check(frame)
    while len(seconds) < rounds and (not seconds or time.perf_counter() - began < MOST_SECONDS):
        start = time.perf_counter()
        found = check(frame)
        seconds.append(time.perf_counter() - start)
    installed = f"{library} {version(library.replace('-', '_'))}"
    print(json.dumps({"seconds": seconds, "found": found, "version": installed}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
