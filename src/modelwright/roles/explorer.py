"""The explorer: reads a project's own Python files and notebooks and says which ones matter, and why.

It works on syntax trees, not on file names: a file is a training file because it fits something.
"""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelwright.roles.exploration import ExplorationReport, KeyFile

__all__ = ["ASPECTS", "explore"]

MOST_BYTES = 2_000_000
"""A larger file is generated or data: it is counted, not read."""

MOST_KEY_FILES = 10
"""Reports name five to ten files; more is a listing, not a reading list."""

ASPECTS: Mapping[str, Mapping[str, str]] = {
    "data sources and feature engineering": {
        "read_csv": "reads a CSV source",
        "read_parquet": "reads a Parquet source",
        "read_sql": "reads from a database",
        "scan_parquet": "reads a Parquet source",
        "groupby": "aggregates rows into features",
        "group_by": "aggregates rows into features",
        "rolling": "builds window features",
        "shift": "builds lag features",
        "merge": "joins tables",
        "join_asof": "joins tables by time",
    },
    "preprocessing and data validation": {
        "fillna": "fills missing values",
        "fill_null": "fills missing values",
        "dropna": "drops rows with missing values",
        "StandardScaler": "scales features",
        "OneHotEncoder": "encodes categories",
        "SimpleImputer": "imputes missing values",
        "ColumnTransformer": "collects preprocessing",
        "validate": "validates data",
        "DataFrameSchema": "declares a data schema",
    },
    "feature schema and how features are computed": {
        "FeatureStore": "uses a feature store",
        "FeatureView": "declares features",
        "BaseModel": "declares a typed schema",
        "cast": "fixes column types",
        "astype": "fixes column types",
        "fit_transform": "fits a transformer",
        "transform": "applies a transformer",
    },
    "training, models and tracking": {
        "fit": "trains a model",
        "train": "trains a model",
        "train_test_split": "splits data",
        "cross_val_score": "cross-validates",
        "log_metric": "tracks an experiment",
        "start_run": "tracks an experiment",
        "predict": "asks a model",
        "dump": "writes an artifact",
    },
    "leakage, shift and bias": {
        "fit_transform": "fits a transformer: check that it sees training rows only",
        "train_test_split": "splits rows: check that it respects time and groups",
        "shift": "looks along rows: check the direction",
        "ffill": "fills along rows: check the order",
        "bfill": "fills from the future",
        "sample": "draws rows: check the seed",
    },
}
"""What each aspect looks for: called names and what they tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    path: str
    calls: tuple[tuple[int, str], ...]
    note: str = ""


def explore(files: Sequence[Path], *, root: Path, aspect: str) -> ExplorationReport:
    """Read files and report on one aspect.

    Args:
        files: The project's own files.
        root: The project's folder; paths are reported relative to it.
        aspect: One of `ASPECTS`.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "train.py").write_text("model.fit(x, y)")
        ...     report = explore(
        ...         [Path(folder, "train.py")], root=Path(folder), aspect="training, models and tracking"
        ...     )
        >>> report.key_files[0].place, report.key_files[0].why
        ('train.py:1', 'trains a model')
    """
    wanted = ASPECTS[aspect]
    readings = [reading for path in files if (reading := _read(path, root)) is not None]
    found: list[tuple[int, KeyFile]] = []
    seen: dict[str, int] = {}
    for reading in readings:
        hits = [(line, name) for line, name in reading.calls if name in wanted]
        for _, name in hits:
            seen[wanted[name]] = seen.get(wanted[name], 0) + 1
        if hits:
            reasons = tuple(dict.fromkeys(wanted[name] for _, name in hits))
            key = KeyFile(path=reading.path, line=hits[0][0], why=", ".join(reasons[:3]))
            found.append((len(hits), key))
    found.sort(key=lambda item: (-item[0], item[1].path))
    return ExplorationReport(
        aspect=aspect,
        files_read=len(readings),
        key_files=tuple(key for _, key in found[:MOST_KEY_FILES]),
        patterns=tuple(
            f"{what} ({count} times)" for what, count in sorted(seen.items(), key=lambda i: -i[1])
        ),
        concerns=tuple(f"{reading.path}: {reading.note}" for reading in readings if reading.note),
        recommendations=_recommendations(found, aspect),
    )


def _recommendations(found: Sequence[tuple[int, KeyFile]], aspect: str) -> tuple[str, ...]:
    if not found:
        return (f"no existing code for {aspect}: start from the contract",)
    return (f"read {found[0][1].place} before changing anything: it carries most of {aspect}",)


def _read(path: Path, root: Path) -> _Reading | None:
    if path.suffix not in {".py", ".ipynb"}:
        return None
    name = path.relative_to(root).as_posix()
    try:
        if path.stat().st_size > MOST_BYTES:
            return _Reading(path=name, calls=(), note="too large to be written by hand; not read")
        text = path.read_text(encoding="utf-8")
        source = _code_cells(text) if path.suffix == ".ipynb" else text
        tree = ast.parse(source)
    except OSError as error:
        return _Reading(path=name, calls=(), note=f"could not be opened ({error.strerror or error})")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # nested too deep, in two words
        return _Reading(path=name, calls=(), note=f"could not be read as Python ({type(error).__name__})")
    return _Reading(path=name, calls=tuple(_calls(tree)))


def _code_cells(text: str) -> str:
    notebook = json.loads(text)
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    sources = [
        _joined(cell.get("source"))
        for cell in (cells if isinstance(cells, list) else [])
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    return "\n".join(
        line for source in sources for line in source.splitlines() if not line.startswith(("%", "!"))
    )


def _joined(source: object) -> str:
    """Return the text of a cell, which notebooks keep as one string or as a list of lines."""
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.lineno, node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id
