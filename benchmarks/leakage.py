"""Leakage: planted leaks found by kind and strength, alarms on clean tables, and the suite on 100,000 rows.

Each kind of leak is planted at three strengths in clean tables: made-up ones, those of scikit-learn, and
those of the examples (their known traps taken out). A plant counts as found when one of the checks meant for
it tells of it, of the planted column where there is one, as a risk of medium severity or more. An alarm is a
finding that blocks on a clean table.
"""

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measurement import Measurement
from benchmarks.planted import PLANTS, STRENGTHS, Table
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import SplitPolicy
from modelwright.data.snapshot import ROW_ID, Snapshot
from modelwright.data.split import assign
from modelwright.kernel.finding import Severity
from modelwright.risk.catalogue import RISK_CHECKS
from modelwright.risk.check import Risk, RiskView
from modelwright.risk.register import assess, blocks
from modelwright.tasks.catalogue import task_of

CLEAN = 36
"""Tables of chance that are looked at for alarms."""

SEED = 0
"""Where the plants are drawn from."""

MOST_ROWS = 4_000
"""Rows of a table that is planted in."""

EXAMPLES = Path(__file__).parents[1] / "examples" / "data"

FOLDER = "MODELWRIGHT_BENCH_DATA"
"""Names a folder with more tables; those of `REAL` that lie there are used too."""

REAL: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "bank_marketing": ("y", "binary", ("duration", "pdays", "euribor3m", "nr_employed", "emp_var_rate",
                                      "cons_price_idx", "cons_conf_idx", "month", "previous", "poutcome")),
    "telco_churn": ("churn", "binary", ("customer_id", "total_charges")),
    "letter_recognition": ("lettr", "multiclass", ()),
    "german_credit": ("credit_risk", "binary", ()),
    "pima_diabetes": ("outcome", "binary", ()),
    "heart_disease": ("heart_disease", "binary", ()),
    "wine_quality": ("quality", "regression", ()),
    "diamonds": ("price", "regression", ("x", "y", "z")),
    "adult_income": ("income", "binary", ("origin_split", "fnlwgt", "education")),
    "california_housing": ("median_house_value", "regression", ("longitude", "latitude")),
}  # fmt: skip
"""Tables with their target, task and the columns of their known traps; rows shuffled, duplicates dropped."""


def measure(*, tables: Sequence[Table] = (), rows: int = 100_000) -> tuple[Measurement, ...]:
    """Plant, look, count, and time the suite."""
    tables = tables or tuple(clean_tables())
    found = planted(tables)
    shares = {strength: share_of(found, strength) for strength in STRENGTHS}
    alarms = {table.name: [risk for risk in assess(view_of(table)).risks if blocks(risk)] for table in tables}
    raised = [f"{name}: {risk.id}" for name, risks in alarms.items() for risk in risks]
    print(report(tables, found, raised), file=sys.stderr)
    quiet = [risk.id for table in made_clean() for risk in assess(view_of(table)).risks if blocks(risk)]
    wide = view_of(made_up(rows, 30, "binary"))
    began = time.perf_counter()
    assess(wide)
    return (
        *(
            Measurement(
                name=f"{strength} plants found, {len(PLANTS)} kinds in {len(tables)} tables",
                unit="share",
                values=(shares[strength],),
                bar=0.8 if strength == "weak" else 1.0,
                sense="at least",
            )
            for strength in STRENGTHS
        ),
        Measurement(
            name=f"findings that block, of ten clean tables ({len(tables)} looked at)",
            unit="findings",
            values=(10 * len(raised) / len(tables),),
            bar=1.0,
            note="; ".join(raised),
        ),
        Measurement(
            name=f"the same of {CLEAN} tables made up of chance, from faint to plain signals",
            unit="findings",
            values=(10 * len(quiet) / CLEAN,),
            bar=1.0,
            note="; ".join(quiet),
        ),
        Measurement(
            name=f"all {len(RISK_CHECKS.names())} checks, {rows:,} rows x 30 columns",
            unit="s",
            values=(time.perf_counter() - began,),
            bar=10.0,
        ),
    )


def made_clean() -> Iterator[Table]:
    """Yield tables with nothing wrong: of all tasks, of several sizes, with faint and with plain signals."""
    for seed in range(CLEAN):
        task = ("binary", "multiclass", "regression")[seed % 3]
        rows, columns = (400, 1_000, 3_000)[seed // 3 % 3], (8, 14, 24)[seed // 9 % 3]
        yield made_up(rows, columns, task, seed=1_000 + seed, pull=(0.5, 1.0, 2.0, 4.0)[seed % 4])


Found = dict[tuple[str, str], dict[str, bool]]
"""Kind and strength to table to whether the plant was found."""


def planted(tables: Sequence[Table]) -> Found:
    """Plant every kind at every strength in every table it fits, and say where it was found."""
    found: Found = defaultdict(dict)
    for kind, (plant, codes) in PLANTS.items():
        for place, strength in enumerate(STRENGTHS):
            for number, table in enumerate(tables):
                bad = plant(table, place, np.random.default_rng([SEED, place, number]))
                if bad is not None:
                    found[kind, strength][table.name] = tells(bad, codes)
    return found


def tells(table: Table, codes: Sequence[str]) -> bool:
    """Whether one of the checks tells of what was planted."""
    view = view_of(table)
    risks: list[Risk] = [risk for code in codes for risk in RISK_CHECKS.get(code)().run(view)]
    return any(
        risk.finding.severity.rank >= Severity.MEDIUM.rank
        and (not table.planted or table.planted in {*risk.columns, risk.finding.subject})
        for risk in risks
    )


def share_of(found: Found, strength: str) -> float:
    """Return the share of plants of a strength that were found."""
    all_of_it = [
        hit for (_, named), by_table in found.items() if named == strength for hit in by_table.values()
    ]
    return sum(all_of_it) / len(all_of_it)


def view_of(table: Table) -> RiskView:
    """Split a table as a run would, and let the checks see what they may see."""
    frame, task = table.frame, table.task
    kinds = {name: kind_of(frame[name]) for name in frame.columns}
    columns = {
        name: {
            "type": kind,
            "role": "target" if name == table.target else "time" if name == table.event_time else "feature",
        }
        for name, kind in kinds.items()
    }
    positive = max(frame[table.target].cast(pl.String).unique().to_list()) if task == "binary" else None
    contract = Contract.model_validate(
        {
            "name": "trial",
            "decision": {
                "goal": "Find what was planted",
                "owner": "lead",
                "action": "look",
                "success_metric": {"name": "found"},
            },
            "prediction": {"task": task, "target": table.target, "positive": positive},
            "data": {
                "sources": [{"path": "table.parquet"}],
                "columns": columns,
                "split": table.split.model_dump(),
                "event_time": table.event_time,
            },
            "evaluation": {"primary": "rmse" if task == "regression" else "log_loss"},
        }
    )
    spec = task_of(contract.prediction.task).describe_target(frame[table.target], contract)
    numbered = (
        frame.with_row_index(ROW_ID).cast({ROW_ID: pl.Int64}).with_columns(assign(frame, contract, spec))
    )
    parts = {name: numbered.filter(part=name).drop("part") for name in ("train", "validation", "test")}
    snapshot = Snapshot(
        digest="",
        contract_digest=contract.digest,
        source_digests={},
        rows={name: part.height for name, part in parts.items()},
        parts={},
        sealed_labels="",
        seal_id="",
        columns=tuple(frame.columns),
        target=spec,
        split_policy=contract.data.split.policy,
        row_digest="",
    )
    return RiskView(
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"].drop(table.target),
        contract=contract,
        snapshot=snapshot,
        target=spec,
        raw_rows=frame.height,
    )


def kind_of(column: pl.Series) -> str:
    """Return the contract's type for a column."""
    if column.dtype.is_temporal():
        return "datetime"
    if column.dtype.is_integer():
        return "integer"
    return "number" if column.dtype.is_numeric() else "boolean" if column.dtype == pl.Boolean else "category"


def made_up(rows: int, columns: int, task: str, *, seed: int = 0, pull: float = 1.0) -> Table:
    """A table of numbers and categories with a signal, moderate unless pulled, and nothing wrong with it."""
    chance = np.random.default_rng(seed)
    numbers = chance.normal(size=(rows, columns - columns // 3 - 1))
    numbers[:, 1] += 0.5 * numbers[:, 0]
    numbers[:, 2] = np.exp(numbers[:, 2])
    data: dict[str, object] = {f"number_{place}": numbers[:, place] for place in range(numbers.shape[1])}
    kinds = chance.integers(0, 5, size=(rows, columns // 3))
    data |= {f"kind_{place}": np.array(list("abcde"))[kinds[:, place]] for place in range(kinds.shape[1])}
    signal = pull * (0.5 * numbers[:, 0] - 0.4 * numbers[:, 3] + 0.3 * (kinds[:, 0] == 2))
    signal += chance.normal(size=rows)
    if task == "regression":
        data["y"] = 100 + 10 * signal
    elif task == "binary":
        data["y"] = np.where(signal > 0.7, "yes", "no")
    else:
        data["y"] = np.array(["low", "middle", "high"])[np.digitize(signal, [-0.5, 0.6])]
    return Table(
        name=f"made up, {task}", frame=pl.DataFrame(data), target="y", task=task, split=SplitPolicy()
    )


def clean_tables() -> Iterator[Table]:
    """Yield the tables that plants are put in."""
    for task in ("binary", "multiclass", "regression"):
        yield made_up(3_000, 12, task, seed=len(task))
    yield from of_scikit_learn()
    folder = Path(os.environ.get(FOLDER, EXAMPLES))
    for name, (target, task, trapped) in REAL.items():
        path = folder / f"{name}.parquet"
        if not path.exists():
            path = EXAMPLES / f"{name}.parquet"
        if path.exists():
            yield untrapped(name, pl.read_parquet(path), target, task, trapped)


def untrapped(name: str, frame: pl.DataFrame, target: str, task: str, trapped: Sequence[str]) -> Table:
    """Take the known traps out of a table, shuffle its rows and keep some."""
    frame = frame.drop(trapped).unique(subset=[one for one in frame.columns if one not in {target, *trapped}])
    if name == "adult_income":
        frame = frame.with_columns(pl.col(target).str.strip_suffix("."))
    if name == "california_housing":
        frame = frame.filter(pl.col(target) < 500_000)
    frame = frame.sort(frame.columns).sample(min(frame.height, MOST_ROWS), shuffle=True, seed=7)
    if task == "regression":
        frame = frame.cast({target: pl.Float64})
    return Table(name=name, frame=frame, target=target, task=task, split=SplitPolicy())


def of_scikit_learn() -> Iterator[Table]:
    """Yield the tables that ship with scikit-learn."""
    from sklearn import datasets

    for name, task in (
        ("breast_cancer", "binary"),
        ("wine", "multiclass"),
        ("diabetes", "regression"),
        ("digits", "multiclass"),
    ):
        load = getattr(datasets, f"load_{name}")
        found = load(scaled=False) if name == "diabetes" else load()
        names = [str(one).replace(" ", "_") for one in found.feature_names]
        frame = pl.DataFrame(found.data, schema=names).with_columns(outcome=pl.Series(found.target))
        if task != "regression":
            frame = frame.with_columns(("class " + pl.col("outcome").cast(pl.String)).alias("outcome"))
        frame = frame.sample(fraction=1.0, shuffle=True, seed=7)
        yield Table(name=name, frame=frame, target="outcome", task=task, split=SplitPolicy())


def report(tables: Sequence[Table], found: Found, raised: Sequence[str]) -> str:
    """Return the tables of the documentation: what was found by kind, what was missed where, alarms."""
    lines = ["| planted | strong | medium | weak |", "|---|---|---|---|"]
    missed = []
    for kind in PLANTS:
        cells = []
        for strength in STRENGTHS:
            by_table = found.get((kind, strength), {})
            cells.append(f"{sum(by_table.values())} of {len(by_table)}")
            lost = [name for name, hit in by_table.items() if not hit]
            missed += [f"- {kind}, {strength}: {', '.join(lost)}"] if lost else []
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    total = " | ".join(f"{share_of(found, strength):.0%}" for strength in STRENGTHS)
    lines += [
        f"| **all** | {total} |",
        "",
        "Missed:",
        "",
        *missed,
        "",
        "Alarms on clean tables:",
        "",
        *(f"- {one}" for one in raised),
    ]
    lines += [
        "",
        "Tables: " + ", ".join(f"{one.name} ({one.frame.height:,} x {one.frame.width})" for one in tables),
    ]
    return "\n".join(lines)


def export(folder: Path, names: Sequence[str]) -> None:
    """Write planted and clean tables, divided, for `leakage_peer.py` in its own environment."""
    folder.mkdir(parents=True, exist_ok=True)
    told = []

    def keep(table: Table, kind: str, strength: str, source: str) -> None:
        view, name = view_of(table), f"{len(told):04d}"
        labels = table.frame.with_row_index(ROW_ID).select(pl.col(ROW_ID).cast(pl.Int64), table.target)
        view.train.drop(ROW_ID).write_csv(folder / f"{name}-train.csv")
        test = (
            view.test.join(labels, on=ROW_ID, maintain_order="left").select(view.train.columns).drop(ROW_ID)
        )
        test.write_csv(folder / f"{name}-test.csv")
        told.append(
            {"file": name, "table": source, "kind": kind, "strength": strength, "target": table.target,
             "task": table.task, "time": table.event_time}
        )  # fmt: skip

    for number, table in enumerate(clean_tables()):
        if table.name in names:
            keep(table, "", "", table.name)
            for kind, (plant, _) in PLANTS.items():
                for place, strength in enumerate(STRENGTHS):
                    bad = plant(table, place, np.random.default_rng([SEED, place, number]))
                    if bad is not None:
                        keep(bad, kind, strength, table.name)
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["export"]:
        export(Path(sys.argv[2]), sys.argv[3:])
    else:
        for measurement in measure():
            print(measurement.line())
