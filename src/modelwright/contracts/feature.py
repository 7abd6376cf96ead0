"""Features the contract declares: tables joined as of each row's moment, and steps from columns to matrix."""

from typing import Literal

from pydantic import Field

from modelwright.contracts.section import Section
from modelwright.contracts.source import Source

__all__ = ["Aggregate", "FeatureStep", "FeatureTable"]

NAME = r"^[a-z][a-z0-9_]{0,40}$"
"""Names that columns are made of."""


class Aggregate(Section):
    """One number made of an entity's rows before a moment.

    Examples:
        >>> Aggregate(function="sum", column="amount", window="30d").named("payments")
        'payments_sum_amount_30d'
    """

    function: Literal["count", "sum", "mean", "min", "max", "last", "distinct", "recency", "frequency"]
    """What is made: `recency` is the seconds since the latest row, `frequency` rows a day."""
    column: str | None = None
    """The column it is made of; null counts or dates the rows themselves."""
    window: str = ""
    """How far back rows count, such as `30d`; empty takes the whole past."""
    name: str = ""
    """What the column that is made is called; empty joins table, function, column and window."""

    def named(self, table: str) -> str:
        """Return the name of the column that is made."""
        parts = (table, self.function, self.column, self.window.replace(" ", ""))
        return self.name or "_".join(part for part in parts if part)


class FeatureTable(Section):
    """A table of what happened, joined to each row as it was known at the row's time.

    Examples:
        >>> table = FeatureTable(
        ...     name="payments",
        ...     source=Source(path="payments.parquet"),
        ...     entity=("client",),
        ...     event_time="paid_at",
        ...     columns=("amount",),
        ...     aggregates=(Aggregate(function="count", window="7d"),),
        ... )
        >>> table.outputs
        ('payments_amount', 'payments_count_7d')
    """

    name: str = Field(pattern=NAME)
    """What it is called; the columns that are made start with it."""
    source: Source
    """Where it lies."""
    entity: tuple[str, ...] = Field(min_length=1)
    """Its columns that say what a row is about."""
    on: tuple[str, ...] = ()
    """The columns of `data.columns` these are matched with, in the same order; empty: the same names."""
    event_time: str = Field(min_length=1)
    """Its column that says when a row happened."""
    created_time: str | None = None
    """Its column that says when a row was written: nothing sees it earlier. Null: known as it happens."""
    columns: tuple[str, ...] = ()
    """Its columns of which the latest known value is taken."""
    aggregates: tuple[Aggregate, ...] = ()
    """What is made of the rows before."""
    ttl: str = ""
    """How old the latest value may be, such as `90d`; empty: any age."""
    delay: str = ""
    """How long after its time a row becomes known, such as `1d` for totals of a day stamped at midnight."""
    horizon: str = ""
    """How long before the row's time features are looked up; empty: at that time, which is `feature_time` or,
    without one, `event_time`."""
    cutoff: Literal["before", "until"] = "before"
    """Whether what is known at the very moment counts: `before` leaves it out, it may be the outcome."""
    freshness: str = ""
    """How old the online copy may be when it is looked up, such as `15m`; empty: `data.freshness` holds."""
    hypothesis: str = ""
    """Why these features should separate the classes or explain the value."""
    leak: str = ""
    """How they could tell the outcome."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns that are made; each is described in `data.columns` like any other."""
        latest = (f"{self.name}_{column}" for column in self.columns)
        return (*latest, *(aggregate.named(self.name) for aggregate in self.aggregates))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the rows it is matched with."""
        return self.on or self.entity


class FeatureStep(Section):
    """One way from columns to the matrix, beyond how a column of its type is read anyway.

    Examples:
        >>> FeatureStep(make="one_hot", columns=("job",)).size
        32
    """

    make: Literal["read", "one_hot", "target_mean", "cyclical", "elapsed", "hashed_text", "tfidf", "custom"]
    """`read`: the column as it is, by the policies below; `one_hot`: a column a category; `target_mean`: the
    mean target of a category, out of fold in training; `cyclical`: parts of a date as points on a circle;
    `elapsed`: days from the first date to the second; `hashed_text`, `tfidf`: words of a text; `custom`: a
    function of ours."""
    columns: tuple[str, ...] = Field(min_length=1)
    """The columns it reads; all but `elapsed` and `custom` are done to each of them."""
    name: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,40})?$")
    """The matrix column `elapsed` and `custom` make."""
    function: str = ""
    """`custom`: `module:function` of a Python file in the project; it gets the columns as Polars expressions
    and returns one."""
    size: int = Field(default=32, ge=1, le=4096)
    """Most matrix columns of a category or a text."""
    smoothing: float = Field(default=20, ge=0)
    """`target_mean`: rows of the overall mean that are mixed into each category's own."""
    parts: tuple[Literal["month", "day", "weekday", "hour"], ...] = ("month", "weekday", "hour")
    """`cyclical`: the parts of the date."""
    missing: Literal["informative", "impute", "abstain"] = "informative"
    """`read`: a missing value is a value of its own, is filled with the middle of training, or the row gets
    no answer."""
    beyond: Literal["keep", "clip", "bucket", "abstain"] = "keep"
    """`read`: a number outside the range of training, or a category it never saw, is kept as it is, moved to
    the nearest known (a category: the most frequent), put into the bucket of the unseen, or the row gets no
    answer."""
    keep: bool = False
    """Whether the column is also read as usual beside what is made of it."""
    hypothesis: str = ""
    """Why it should separate the classes or explain the value."""
    leak: str = ""
    """How it could tell the outcome."""
