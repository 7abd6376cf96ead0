"""The data contract: sources, grain, times, splits, and what each column may hold."""

import operator
from typing import Literal

from pydantic import Field

from modelwright.contracts.feature import FeatureStep, FeatureTable
from modelwright.contracts.section import Section
from modelwright.contracts.source import Source

__all__ = ["Column", "DataContract", "Label", "SplitPolicy"]

STRETCH = r"^$|^label$|^\d{1,9}$|^(\d{1,15}(\.\d{1,9})?\s*(ms|us|[wdhms])\s*)+$"
"""How a stretch of time is written: nothing, `label`, a number of steps, or a length such as `7d`."""


class Label(Section):
    """How the label comes about.

    Examples:
        >>> Label(definition="client subscribed to a term deposit", delay="7d").delay
        '7d'
    """

    definition: str = ""
    """What has to happen for the label to take its value."""
    time: str | None = None
    """The column that says when the label became known; null when the table does not tell."""
    delay: str = ""
    """How long after the event the label arrives, such as `7d`; empty when unknown."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """How far the label can be trusted, 0 to 1; null when unknown."""


class SplitPolicy(Section):
    """How rows are divided into train, validation and sealed test.

    Examples:
        >>> SplitPolicy(policy="temporal", time="dteday").test
        0.2
    """

    policy: Literal["random", "stratified", "group", "temporal"] = "stratified"
    """How rows are assigned: `temporal` needs `time` (or `order: rows`), `group` needs `group`."""
    validation: float = Field(default=0.2, gt=0, lt=1)
    """Share of rows for calibration and thresholds."""
    test: float = Field(default=0.2, gt=0, lt=1)
    """Share of rows whose labels are sealed."""
    group: str | None = None
    """Rows with the same value here stay on one side."""
    time: str | None = None
    """The column that orders rows for a temporal split."""
    order: Literal["column", "rows"] = "column"
    """`rows`: the row order of the source is the order of time, when no column tells it."""
    gap: str = Field(default="", pattern=STRETCH, exclude_if=operator.not_)
    """Temporal: time before a later part whose rows are left out, for their labels were not known when that
    part begins; a length such as `7d`, a number of steps (rows, years), or `label` for `label.delay`."""
    embargo: str = Field(default="", pattern=STRETCH, exclude_if=operator.not_)
    """Temporal: time at the start of a later part whose rows are left out, for their features look back into
    the part before; written as `gap` is."""
    backtest: float = Field(default=0.0, ge=0, lt=1, exclude_if=operator.not_)
    """Temporal: share of rows, between validation and sealed test, whose labels stay open to replay decisions
    through time."""
    new_groups: bool = Field(default=False, exclude_if=operator.not_)
    """Temporal: held-out rows are of values of `group` that training never saw, too (group by time)."""
    history: str = Field(default="", pattern=STRETCH, exclude_if=operator.not_)
    """Temporal: how far back a walk-forward fold learns; empty learns from all of the past."""
    seed: int = Field(default=7, ge=0)
    """Seed of the assignment."""
    reason: str = ""
    """Why this policy fits."""


class Column(Section):
    """What one column may hold and when it is known.

    Examples:
        >>> Column(type="number", role="feature", range=(0, 120)).nulls
        True
    """

    type: Literal["number", "integer", "boolean", "category", "text", "datetime"]
    """The kind of value."""
    role: Literal["feature", "target", "entity", "time", "group", "weight", "context", "excluded"] = "feature"
    """`context` is kept for slices and checks but never a feature; `excluded` is not read at all."""
    unit: str = ""
    """The unit of a number."""
    nulls: bool = True
    """Whether missing values are allowed."""
    replace: dict[str, str] = Field(default_factory=dict)
    """Values rewritten on reading, before missing codes are looked for, such as `>50K.` to `>50K`."""
    missing_codes: tuple[str | float, ...] = ()
    """Values that mean missing, such as 999 or `unknown`; they are turned to null on reading."""
    range: tuple[float | None, float | None] | None = None
    """Lowest and highest allowed number, ends included; null leaves an end open."""
    categories: tuple[str, ...] | None = None
    """Allowed values; null accepts any."""
    ordered: bool = False
    """Whether the categories are listed in their natural order."""
    pattern: str | None = Field(default=None, max_length=1000, exclude_if=operator.not_)
    """Regular expression a text matches as a whole, such as `[A-Z]{2}-[0-9]{4}` (syntax of Rust's regex)."""
    freshness: str = Field(default="", exclude_if=operator.not_)
    """How old the newest moment of a datetime column may be when data is checked, such as `1d`."""
    warn: tuple[Literal["nulls", "range", "categories", "pattern", "freshness"], ...] = Field(
        default=(), exclude_if=operator.not_
    )
    """Promises of this column that are shown and counted when broken, instead of stopping the run."""
    available_at: Literal["prediction", "after", "unknown"] = "prediction"
    """When the value is known: `after` means only after the outcome, which makes it a leak as a feature."""
    pii: Literal["none", "direct", "indirect", "sensitive"] = "none"
    """Personal data class: `direct` identifies, `indirect` may, `sensitive` is protected."""
    keep_out: bool = False
    """Never in artifacts, logs or prompts."""
    reason: str = ""
    """Why the column has this role; required for `excluded`."""


class DataContract(Section):
    """Where the data comes from and what it may hold.

    Examples:
        >>> contract = DataContract(
        ...     sources=(Source(path="calls.csv"),),
        ...     grain="one row per call",
        ...     columns={"age": Column(type="number"), "y": Column(type="category", role="target")},
        ... )
        >>> contract.features
        ('age',)
    """

    sources: tuple[Source, ...] = Field(min_length=1)
    """The tables, read in order and stacked."""
    grain: str = ""
    """What one row stands for."""
    primary_key: tuple[str, ...] = ()
    """Columns that together name a row; empty when there is no key."""
    event_time: str | None = None
    """The column that says when the row's event happened."""
    feature_time: str | None = Field(default=None, exclude_if=operator.not_)
    """The column that says when a row's features were known; null when that is the time of the event."""
    label: Label = Label()
    """How the label comes about."""
    duplicates: Literal["keep", "drop"] = "keep"
    """Whether rows equal to an earlier one in every column that is read stay or are left out."""
    freshness: str = ""
    """How old features may be when served, such as `1d`; empty when not limited."""
    point_in_time: str = ""
    """The rule that keeps the future out of features."""
    split: SplitPolicy = SplitPolicy()
    """How rows are divided."""
    batch: str = Field(default="", exclude_if=operator.not_)
    """What arrives together: a column whose values name the delivery, or a length of event time such as `1d`;
    empty when the table is one delivery."""
    checks: tuple[str, ...] = Field(default=(), max_length=1000, exclude_if=operator.not_)
    """Promises about rows or the whole table, such as `end >= start`, `unique(customer, month)`,
    `mean(age) between 30 and 50` or `warn null_share(age) < 5%`."""
    references: dict[str, Source] = Field(default_factory=dict, exclude_if=operator.not_)
    """Tables that checks look values up in: `refers(store, "stores.id")`."""
    feature_tables: tuple[FeatureTable, ...] = Field(default=(), exclude_if=operator.not_)
    """Tables of what happened, joined to each row as they were known at its time; what they make is
    described in `columns`."""
    feature_steps: tuple[FeatureStep, ...] = Field(default=(), exclude_if=operator.not_)
    """What is made of columns beyond reading each as its type."""
    columns: dict[str, Column] = Field(min_length=1)
    """What each column may hold; columns of the source that are not named here are a fault."""

    def of_role(self, *roles: str) -> tuple[str, ...]:
        """Return the names of the columns with one of these roles, in order."""
        return tuple(name for name, column in self.columns.items() if column.role in roles)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the feature columns that may be used: not kept out and not known only afterwards."""
        return tuple(
            name
            for name in self.of_role("feature")
            if not self.columns[name].keep_out and self.columns[name].available_at != "after"
        )
