"""Labels as text: one spelling for a class, whatever type the column has."""

import polars as pl

__all__ = ["as_labels", "looks_negative", "looks_positive"]

POSITIVE_WORDS = frozenset(
    {
        "1",
        "t",
        "y",
        "+",
        "yes",
        "true",
        "positive",
        "pos",
        "bad",
        "churn",
        "churned",
        "default",
        "defaulted",
        "died",
        "dead",
        "disease",
        "fraud",
        "spam",
        "survived",
        "converted",
        "clicked",
        "failure",
        "failed",
        "subscribed",
        "accepted",
        "sick",
        "malignant",
        "poisonous",
    }
)
"""Words that, as a class, name the case a decision is about."""

NEGATIVE_WORDS = frozenset(
    {
        "0",
        "f",
        "n",
        "-",
        "no",
        "false",
        "negative",
        "neg",
        "good",
        "ham",
        "none",
        "normal",
        "benign",
        "healthy",
        "edible",
        "ok",
    }
)
"""Words that, as a class, name the ordinary case."""


def as_labels(column: pl.Series) -> pl.Series:
    """Return the column as trimmed text; whole numbers carry no decimal point, empty stays empty.

    A full stop at the end is kept: `>50K` and `>50K.` are two labels until the contract says otherwise.

    Examples:
        >>> as_labels(pl.Series("y", [1.0, 0.0, None])).to_list()
        ['1', '0', None]
        >>> as_labels(pl.Series("y", [" yes", "no", ""])).to_list()
        ['yes', 'no', None]
    """
    if column.dtype.is_float():
        known = column.drop_nulls().drop_nans()
        whole = known.is_finite().all() and (known == known.floor()).all() and (known.abs() < 1e15).all()
        column = column.fill_nan(None)
        if whole:
            column = column.cast(pl.Int64)
    text = column.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def _key(label: str) -> str:
    return label.strip().rstrip(".!").casefold()


def looks_positive(label: str) -> bool:
    """Whether a class is named like the case a decision is about, such as `yes`, `1` or `fraud`.

    Examples:
        >>> looks_positive("Yes"), looks_positive("2")
        (True, False)
    """
    return _key(label) in POSITIVE_WORDS


def looks_negative(label: str) -> bool:
    """Whether a class is named like the ordinary case, such as `no`, `0` or `normal`.

    Examples:
        >>> looks_negative("No"), looks_negative("A")
        (True, False)
    """
    return _key(label) in NEGATIVE_WORDS
