"""Asks deepchecks about the tables that `python -m benchmarks.leakage export FOLDER NAME...` wrote.

It runs in an environment of its own, which holds deepchecks and nothing of Modelwright:

    python benchmarks/leakage_peer.py FOLDER

A plant counts as found when any condition of its train-test validation and data integrity suites fails that
does not fail on the clean table: with its default conditions, and whatever the reason it gives.
"""

import contextlib
import io
import json
import sys
import time
import warnings
from collections import defaultdict
from pathlib import Path


def failing(folder: Path, told: dict[str, str]) -> set[str]:
    """Return the checks with a failing condition."""
    # Installed where this script runs, and not where the rest of the project does.
    import pandas as pd
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity, train_test_validation

    sides = []
    for part in ("train", "test"):
        frame = pd.read_csv(folder / f"{told['file']}-{part}.csv")
        if told["time"]:
            frame[told["time"]] = pd.to_datetime(frame[told["time"]])
        features = [name for name in frame.columns if name not in {told["target"], told["time"]}]
        texts = [name for name in features if frame[name].dtype == object]
        sides.append(
            Dataset(
                frame,
                label=told["target"],
                cat_features=texts,
                features=features,
                datetime_name=told["time"],
                label_type=told["task"],
            )
        )
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        results = [train_test_validation().run(*sides), data_integrity().run(sides[0])]
    return {check.get_header() for result in results for check in result.get_not_passed_checks()}


def main(folder: Path) -> None:
    """Look at every table and print what was found by kind and strength."""
    warnings.filterwarnings("ignore")
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    clean: dict[str, set[str]] = {}
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    began = time.perf_counter()
    for one in told:
        failed = failing(folder, one)
        if not one["kind"]:
            clean[one["table"]] = failed
            print(f"clean {one['table']}: {', '.join(sorted(failed)) or 'nothing'}", flush=True)
        else:
            found[one["kind"], one["strength"]].append(bool(failed - clean[one["table"]]))
    for kind in dict.fromkeys(kind for kind, _ in found):
        cells = [found.get((kind, strength), []) for strength in ("strong", "medium", "weak")]
        print(f"| {kind} | {' | '.join(f'{sum(cell)} of {len(cell)}' for cell in cells)} |")
    for strength in ("strong", "medium", "weak"):
        hits = [hit for (_, named), cell in found.items() if named == strength for hit in cell]
        print(f"{strength}: {sum(hits) / len(hits):.0%} of {len(hits)}")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
