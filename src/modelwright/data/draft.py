"""The draft: a complete contract from a table, asking only what the data cannot tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import polars as pl

from modelwright.contracts.contract import Contract, Gates
from modelwright.contracts.data import DataContract, Label, SplitPolicy
from modelwright.contracts.decision import Decision, Mistakes, SuccessMetric
from modelwright.contracts.evaluation import EvaluationPlan
from modelwright.contracts.metric_names import METRIC_NAMES
from modelwright.contracts.operation import MonitoringPlan
from modelwright.contracts.prediction import HumanReview, Prediction
from modelwright.contracts.source import Source
from modelwright.contracts.writing import render_contract
from modelwright.data.columns import DraftedColumn, Placement, draft_column
from modelwright.data.inference import unique_key
from modelwright.data.profile import Profile, profile
from modelwright.data.question import Answers, Question
from modelwright.data.situation import Situation, questions, situate
from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.errors import DataInvalid, UnknownName, UserFault
from modelwright.tasks.labels import as_labels

__all__ = ["Draft", "Question", "draft", "questions"]

LEAST_ROWS = 20
"""With fewer rows no part of a split says anything."""

MODES = ("quick", "standard", "enterprise")

NAME = re.compile(r"[a-z][a-z0-9_-]{1,62}")

GATES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "binary": (("roc_auc >= 0.6", "log_loss < prior", "p95_latency <= 150ms"), ("calibration_error > 0.2",)),
    "multiclass": (
        ("log_loss < prior", "macro_f1 > prior", "p95_latency <= 150ms"),
        ("calibration_error > 0.2",),
    ),
    "regression": (("rmse < prior", "mae < prior", "p95_latency <= 150ms"), ("r2 < 0",)),
}
"""Lines that any model worth serving passes: better than saying the same of every row, fast, and honest."""

MOST_SLICES = 3
"""Columns reported value by value."""

SLICE_VALUES = 12
"""Columns with more values make slices too small to say anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A drafted contract and what was taken for granted in it.

    Examples:
        >>> Draft(yaml="contract: 1", assumptions=(), questions=()).yaml
        'contract: 1'
    """

    yaml: str
    """The commented contract; `read_contract` accepts it."""
    assumptions: tuple[str, ...]
    """What was taken for granted: guesses from the data and questions left unanswered."""
    questions: tuple[Question, ...]
    """What the data could not tell, with the default that was used unless answered."""


def _check(frame: pl.DataFrame, *, name: str, target: str, mode: str) -> None:
    if mode not in MODES:
        raise UnknownName.among("mode", mode, MODES)
    if not NAME.fullmatch(name):
        raise UserFault(
            f"'{name}' cannot be the name of a model",
            why="the name becomes part of file names, routes and metrics",
            next_step="use lower case letters, digits, - and _, such as `churn-2026`",
            expected="2 to 63 characters, the first a letter",
        )
    if target not in frame.columns:
        raise UnknownName.among(
            "column", target, frame.columns, why="the target is the column to be predicted"
        )
    if ROW_ID in frame.columns:
        raise DataInvalid(
            f"the table has a column named {ROW_ID}",
            why="Modelwright uses this name for the position of a row",
            next_step="rename the column in the source and run again",
        )
    if frame.height < LEAST_ROWS:
        raise DataInvalid(
            f"{frame.height} rows are too few",
            why="training, thresholds and the sealed test each need rows, and a handful says nothing",
            next_step="bring more rows; some hundreds are a start",
            found=frame.height,
            expected=f"{LEAST_ROWS} or more",
        )
    if frame.width < 2:
        raise DataInvalid(
            f"the table has no column beside the target {target}",
            why="a prediction is made from something",
            next_step="bring the columns that are known when the decision is made",
        )
    empty = int(as_labels(frame[target]).null_count())
    if empty:
        raise DataInvalid(
            f"the target {target} is empty in {empty:,} of {frame.height:,} rows",
            why="a label cannot be guessed, and rows without one cannot be learnt from or scored",
            next_step="fill these labels in, or leave the rows out of the source, and run again",
            found=f"first empty row: {int(as_labels(frame[target]).is_null().arg_true()[0])}",
        )


def _split(seen: Situation, answers: Answers) -> SplitPolicy:
    if seen.time is not None:
        why = f"{seen.time} says when rows happened: learn from the past, test on what came later"
        return SplitPolicy(policy="temporal", time=seen.time, reason=why)
    if seen.calendar and answers.value("row_order") == "yes":
        why = "rows lie in the order of time: learn from the past, test on what came later"
        return SplitPolicy(policy="temporal", order="rows", reason=why)
    if seen.group is not None:
        why = f"rows of one {seen.group} resemble each other and must not stand on both sides"
        return SplitPolicy(policy="group", group=seen.group, reason=why)
    word = "each class" if seen.task != "regression" else "low and high values"
    why = f"no time and no groups were found; {word} gets its share in every part"
    return SplitPolicy(policy="stratified", reason=why)


def _slices(
    drafted: Mapping[str, DraftedColumn], seen: Profile, frame: pl.DataFrame, target: str
) -> tuple[str, ...]:
    candidates = sorted(
        (item.column.pii != "sensitive", -seen.column(name).unique, name)
        for name, item in drafted.items()
        if item.column.role == "feature"
        and item.column.type in {"category", "boolean"}
        and 2 <= seen.column(name).unique <= SLICE_VALUES
    )
    # Where every value goes with one outcome alone, a slice holds one class and has nothing to tell.
    telling = [
        name for _, _, name in candidates if frame.select(name, target).n_unique() > frame[name].n_unique()
    ]
    return tuple(telling[:MOST_SLICES])


def _decision(
    seen: Situation, answers: Answers, assumptions: tuple[str, ...], risks: tuple[str, ...]
) -> Decision:
    unit = "relative"
    return Decision(
        goal=answers.value("goal"),
        who_cares=(answers.value("owner"),),
        owner=answers.value("owner"),
        action=answers.value("action"),
        success_metric=SuccessMetric(name=answers.value("success")),
        guardrails=("latency of answers", "share of answers given by the fallback"),
        mistakes=Mistakes(
            wrong_yes=answers.number("wrong_yes"),
            wrong_no=answers.number("wrong_no"),
            unit=unit,
            borne_by=answers.value("owner"),
        ),
        assumptions=assumptions,
        known_risks=risks,
        next_experiment=f"Compare a linear model of {seen.target} with saying the same of every row",
        fallback="The decision is made as it was before the model",
    )


def _notes(drafted: Mapping[str, DraftedColumn], split: SplitPolicy, seen: Situation) -> dict[str, str]:
    notes = {f"data.columns.{name}": item.comment for name, item in drafted.items()}
    notes["decision.assumptions"] = (
        "Every line here was taken for granted while drafting: confirm it or correct it."
    )
    notes["data.split"] = f"Chosen because {split.reason}."
    notes["prediction.task"] = f"Chosen because the target has {seen.task_reason}."
    notes["gates"] = (
        "A careful start: what any model worth serving passes. Raise the bar to what the decision needs."
    )
    return notes


def draft(
    frame: pl.DataFrame,
    *,
    name: str,
    source: Path | Source,
    target: str,
    mode: str = "quick",
    answers: Mapping[str, str] | None = None,
) -> Draft:
    """Draft a complete, commented contract for a table.

    Args:
        frame: The table as `read_table` gives it.
        name: The model's name.
        source: The table's path, or source, as the contract shall write it.
        target: The column to be predicted.
        mode: `quick`, `standard` or `enterprise`.
        answers: Answers by the key of their question; defaults stand in for the others and are recorded as
            assumptions.

    Raises:
        UnknownName: When the target is no column, or a mode or answer is not one of the choices.
        DataInvalid: When the table is too small, the target has one value, or values are empty.
        UserFault: When the name cannot be a model's name, or a cost is no number.

    Examples:
        >>> table = pl.DataFrame({"age": [31, 40, 52, 38] * 10, "y": ["no", "no", "no", "yes"] * 10})
        >>> made = draft(table, name="calls", source=Path("calls.csv"), target="y")
        >>> 'positive: "yes"' in made.yaml
        True
    """
    _check(frame, name=name, target=target, mode=mode)
    seen = profile(frame, target=target)
    asked = questions(seen, frame, target=target, answers=answers)
    given = Answers(asked, answers or {})
    situation = situate(seen, frame, target=target, answers=given)
    place = Placement(
        target=target,
        classes=situation.task != "regression",
        time=situation.time,
        group=situation.group if situation.time is None and not situation.by_rows else None,
        entity=situation.entity,
        replace=situation.replace,
        zeros_missing=given.value("zeros") == "missing",
        keep_personal=given.value("personal") == "keep",
    )
    drafted = {column.name: draft_column(column, frame[column.name], place) for column in seen.columns}
    if not any(item.column.role == "feature" for item in drafted.values()):
        raise DataInvalid(
            f"no column beside the target {target} can be a feature",
            why="identifiers, constants and free text alone say nothing that carries over to new rows",
            next_step="bring the columns that are known when the decision is made",
            found="; ".join(f"{key}: {item.column.reason}" for key, item in drafted.items() if key != target),
        )
    split = _split(situation, given)
    told = tuple(line for item in drafted.values() for line in item.assumptions)
    assumptions = (*situation.assumptions, *told, *given.assumptions())
    contract = _contract(
        drafted,
        situation=situation,
        split=split,
        given=given,
        assumptions=assumptions,
        titles=(name, source if isinstance(source, Source) else Source(path=source.as_posix()), mode),
        key=unique_key(frame, seen, time=situation.time),
        slices=_slices(drafted, seen, frame, target),
    )
    notes = _notes(drafted, split, situation)
    return Draft(yaml=render_contract(contract, notes=notes), assumptions=assumptions, questions=asked)


def _contract(
    drafted: Mapping[str, DraftedColumn],
    *,
    situation: Situation,
    split: SplitPolicy,
    given: Answers,
    assumptions: tuple[str, ...],
    titles: tuple[str, Source, str],
    key: tuple[str, ...],
    slices: tuple[str, ...],
) -> Contract:
    name, source, mode = titles
    target = situation.target
    metrics = METRIC_NAMES[situation.task]
    lines, never = GATES[situation.task]
    return Contract(
        name=name,
        mode=cast('Literal["quick", "standard", "enterprise"]', mode),
        decision=_decision(situation, given, assumptions, situation.risks),
        prediction=Prediction(
            task=situation.task,
            target=target,
            positive=situation.positive,
            entity=situation.entity,
            horizon="at the moment the row is known",
            serving=cast('Literal["batch", "online", "streaming", "hybrid"]', given.value("serving")),
            human_review=HumanReview(reason="off: nobody has been named to look at single answers"),
        ),
        data=DataContract(
            sources=(source,),
            grain=f"one row per {', '.join(key)}" if key else "one row per case",
            primary_key=tuple(part for part in key if drafted[part].column.role != "excluded"),
            event_time=situation.time,
            label=Label(definition=f"the value of {target} as the source records it"),
            duplicates=cast('Literal["keep", "drop"]', given.value("duplicates", "keep")),
            split=split,
            columns={column: item.column for column, item in drafted.items()},
        ),
        evaluation=EvaluationPlan(primary=metrics[0], secondary=metrics[1:], slices=slices),
        gates=Gates(lines=lines, do_not_ship=never),
        monitoring=MonitoringPlan(owner=given.value("owner")),
    )
