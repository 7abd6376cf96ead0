"""The situation: what the data tells of task, classes, time and groups, and what has to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import polars as pl

from modelwright.data.columns import doubtful_zeros
from modelwright.data.inference import (
    RICH_BITS,
    PositiveGuess,
    TaskName,
    calendar_runs,
    group_columns,
    guess_positive,
    guess_task,
    label_variants,
    row_bits,
    time_columns,
)
from modelwright.data.pii import privacy_class
from modelwright.data.profile import Profile
from modelwright.data.question import Answers, Question
from modelwright.tasks.labels import as_labels

__all__ = ["Situation", "questions", "situate"]

RARE_CLASS = 20
"""Classes with fewer rows than this can hardly be learnt or judged."""

MANY_REPEATED = 0.01
"""Share of repeated rows that is more than an oversight."""

LOOKED_AT = 50_000
"""Rows from which the richness of a row is told."""

NONE = "none"
"""The answer that no column fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is settled about a table once the questions are answered.

    Examples:
        >>> Situation(target="y", task="regression", task_reason="many numbers").positive is None
        True
    """

    target: str
    """The column to be predicted."""
    task: TaskName
    """The kind of problem."""
    task_reason: str
    """What speaks for it."""
    positive: str | None = None
    """Binary: the class that triggers the action."""
    replace: Mapping[str, str] = field(default_factory=dict)
    """Spellings of the target to rewrite."""
    time: str | None = None
    """The column that orders rows in time."""
    group: str | None = None
    """The column whose rows belong together."""
    entity: str | None = None
    """The column that names what a row is about."""
    calendar: tuple[str, ...] = ()
    """Calendar columns that suggest the rows lie in the order of time."""
    by_rows: bool = False
    """Whether the order of rows is the order of time."""
    assumptions: tuple[str, ...] = ()
    """What was guessed from the data."""
    risks: tuple[str, ...] = ()
    """What is known to endanger the result."""


def _variants(column: pl.Series, answer: str) -> Mapping[str, str]:
    return label_variants(column) if answer == "merge" else {}


def _meant(column: pl.Series, replace: Mapping[str, str]) -> pl.Series:
    if not replace:
        return column
    return as_labels(column).replace(dict(replace)).alias(column.name)


def _always(target: str, task: TaskName, positive: str | None) -> list[Question]:
    about = f"rows with {target} = {positive}" if positive else f"rows by their {target}"
    yes, no = (
        ("acting in vain", "not acting when one should have")
        if task != "regression"
        else ("each unit predicted too high", "each unit predicted too low")
    )
    return [
        Question(
            key="goal",
            text="What shall people or systems do differently?",
            why="a model is judged by the decision it serves",
            default=f"Handle {about} first" if positive else f"Plan {about} before it is known",
        ),
        Question(
            key="owner",
            text="Who owns the decision?",
            why="approvals and alerts need a reader",
            default="the owner of this project",
        ),
        Question(
            key="action",
            text="What does a prediction change?",
            why="the action decides which mistakes hurt",
            default=f"the order in which {about} are handled"
            if positive
            else f"what is prepared for {about}",
        ),
        Question(
            key="success",
            text="Which figure should move?",
            why="a better metric that moves nothing is no success",
            default="cost of mistakes per 1,000 decisions",
        ),
        Question(
            key="wrong_yes",
            text=f"What does {yes} cost?",
            why="threshold and gates follow from the ratio of both costs",
            default="1",
        ),
        Question(
            key="wrong_no",
            text=f"What does {no} cost?",
            why="threshold and gates follow from the ratio of both costs",
            default="1",
        ),
        Question(
            key="serving",
            text="How are answers asked for?",
            why="it decides what is built and measured",
            default="online",
            options=("batch", "online", "streaming", "hybrid"),
        ),
    ]


def questions(
    profile: Profile, frame: pl.DataFrame, *, target: str, answers: Mapping[str, str] | None = None
) -> tuple[Question, ...]:
    """Return what the data cannot tell about a table.

    Args:
        profile: The table's profile.
        frame: The table.
        target: The column to be predicted.
        answers: Answers known already; some questions depend on others.

    Raises:
        DataInvalid: When the target suits no task.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> table = pl.DataFrame({"age": list(range(30)), "risk": [1, 2, 1] * 10})
        >>> [question.key for question in questions(profile(table), table, target="risk")][-1]
        'positive'
    """
    known = answers or {}
    column = frame[target]
    asked: list[Question] = []
    variants = label_variants(column)
    if variants:
        asked.append(_variant_question(column, variants))
    meant = _meant(column, _variants(column, known.get("target_variants", "merge")))
    guess = guess_task(meant)
    if not guess.sure:
        options = ", ".join(guess.options)
        text = f"Is {target} a grade on a scale or a set of classes ({options})?"
        asked.append(
            Question(key="task", text=text, why=guess.reason, default=guess.task, options=guess.options)
        )
    task = known.get("task", guess.task) if not guess.sure else guess.task
    positive: PositiveGuess | None = guess_positive(as_labels(meant)) if task == "binary" else None
    if positive is not None and not positive.sure:
        classes = tuple(as_labels(meant).unique().sort().to_list())
        text = f"Which value of {target} triggers the action?"
        why = "costs, threshold and every metric of the positive class turn round with it"
        asked.append(Question(key="positive", text=text, why=why, default=positive.positive, options=classes))
    asked += _order_questions(profile, frame, target)
    asked += _zero_questions(profile)
    asked += _duplicate_questions(profile, frame)
    asked += _personal_questions(profile, target)
    always = _always(
        target, cast("TaskName", task), known.get("positive", positive.positive) if positive else None
    )
    return (*always, *asked)


def _variant_question(column: pl.Series, variants: Mapping[str, str]) -> Question:
    labels = as_labels(column).drop_nulls()
    raw = labels.n_unique()
    fewer = raw - len(variants)
    shown = ", ".join(f"'{meant}' / '{written}'" for written, meant in list(variants.items())[:4])
    return Question(
        key="target_variants",
        text=f"The target {column.name} has {raw} values that look like {fewer}: {shown}. Are they the same?",
        why="spellings of one class, kept apart, make a model that predicts the spelling",
        default="merge",
        options=("merge", "keep"),
    )


def _order_questions(profile: Profile, frame: pl.DataFrame, target: str) -> list[Question]:
    asked = []
    times = time_columns(profile, target)
    groups = group_columns(profile, target)
    calendar = calendar_runs(frame, profile)
    if times:
        asked.append(
            Question(
                key="time",
                text="Which column says when a row happened?",
                why="a model that meets the future must be tested on rows later than those it learnt from",
                default=times[0],
                options=(*times, NONE),
            )
        )
    elif calendar:
        asked.append(
            Question(
                key="row_order",
                text=f"Do the rows lie in the order of time? ({', '.join(calendar)} come in long runs)",
                why="if they do, a random split tests on the past of what was learnt and looks too good",
                default="no",
                options=("yes", "no"),
            )
        )
    if groups:
        asked.append(
            Question(
                key="group",
                text="Which column says which rows belong together?",
                why="rows of one group on both sides of a split let a model learn the group by heart",
                default=groups[0],
                options=(*groups, NONE),
            )
        )
    return asked


def _zero_questions(profile: Profile) -> list[Question]:
    doubtful = [column for column in profile.columns if doubtful_zeros(column)]
    if not doubtful:
        return []
    shown = ", ".join(f"{item.name} ({item.zeros:,} rows)" for item in doubtful[:6])
    return [
        Question(
            key="zeros",
            text=f"Zeros stand apart from the other values: {shown}. Do they mean missing?",
            why="a missing value read as zero drags every average towards it",
            default="measured",
            options=("measured", "missing"),
        )
    ]


def _duplicate_questions(profile: Profile, frame: pl.DataFrame) -> list[Question]:
    if profile.duplicate_rows < MANY_REPEATED * profile.rows:
        return []
    if row_bits(frame.head(LOOKED_AT)) < RICH_BITS:
        return []  # rows that hold so little are equal by chance
    return [
        Question(
            key="duplicates",
            text=f"{profile.duplicate_rows:,} rows equal an earlier one in every column. Keep or drop them?",
            why="one event recorded twice weighs double, and flatters the score when it is on both sides of "
            "the split; different events that look alike are all true",
            default="drop",
            options=("drop", "keep"),
        )
    ]


def _personal_questions(profile: Profile, target: str) -> list[Question]:
    found = [
        f"{column.name} ({', '.join(item.kind for item in column.personal)})"
        for column in profile.columns
        if column.name != target and privacy_class(column.personal) == "direct"
    ]
    if not found:
        return []
    return [
        Question(
            key="personal",
            text=f"{', '.join(found[:8])}: values seem to identify somebody or open a door. Keep them out?",
            why="what identifies a person must end in no artifact, log or prompt by mere oversight",
            default="keep out",
            options=("keep out", "keep"),
        )
    ]


def situate(profile: Profile, frame: pl.DataFrame, *, target: str, answers: Answers) -> Situation:
    """Settle task, classes, time, groups and entity from the data and the answers.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> table = pl.DataFrame({"age": list(range(30)), "y": ["no", "no", "yes"] * 10})
        >>> asked = questions(profile(table), table, target="y")
        >>> situate(profile(table), table, target="y", answers=Answers(asked, {})).positive
        'yes'
    """
    column = frame[target]
    replace = _variants(column, answers.value("target_variants"))
    meant = _meant(column, replace)
    guess = guess_task(meant)
    task = cast("TaskName", answers.value("task", guess.task))
    labels = as_labels(meant)
    positive: str | None = None
    assumptions: list[str] = []
    risks: list[str] = []
    if task == "binary":
        found = guess_positive(labels)
        positive = answers.value("positive", found.positive)
        if found.sure:
            assumptions.append(f"{target}: '{positive}' triggers the action; {found.reason}")
    else:
        assumptions.append(f"{target}: a {task} task; {guess.reason}")
    if task != "regression":
        risks += _rare_classes(labels, target)
    time = answers.value("time", NONE)
    group = answers.value("group", NONE)
    calendar = calendar_runs(frame, profile) if time == NONE else ()
    by_rows = bool(calendar) and answers.value("row_order") == "yes"
    if calendar and not by_rows:
        told = (
            f"rows may lie in the order of time ({', '.join(calendar)}): a random split would look too good"
        )
        risks.append(told)
    entity = next((item.name for item in profile.columns if item.suspected_role == "entity"), None)
    return Situation(
        target=target,
        task=task,
        task_reason=guess.reason,
        positive=positive,
        replace=replace,
        time=None if time == NONE else time,
        group=None if group == NONE else group,
        entity=entity if entity != target else None,
        calendar=calendar,
        by_rows=by_rows,
        assumptions=tuple(assumptions),
        risks=tuple(risks),
    )


def _rare_classes(labels: pl.Series, target: str) -> list[str]:
    counted = labels.drop_nulls().alias("label").value_counts(name="count").sort("count", "label")
    rare = [(label, count) for label, count in counted.iter_rows() if count < RARE_CLASS]
    if not rare:
        return []
    shown = ", ".join(f"{label} ({count} rows)" for label, count in rare[:6])
    return [f"{target}: rare classes can hardly be learnt or judged: {shown}"]
