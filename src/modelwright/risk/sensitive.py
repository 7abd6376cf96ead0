"""SENSITIVE: attributes a decision may not, or should not, rest on."""

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["SensitiveCheck", "attribute_of", "sensitive_columns"]

NAMES: Mapping[str, frozenset[str]] = {
    "sex or gender": frozenset(
        {
            "sex",
            "gender",
            "male",
            "female",
            "woman",
            "women",
            "pregnant",
            "pregnancy",
            "pregnancies",
            "maternity",
        }
    ),
    "race or ethnicity": frozenset(
        {"race", "ethnic", "ethnicity", "caste", "tribe", "skin_color", "skin_colour", "skin_tone"}
    ),
    "nationality or origin": frozenset(
        {
            "nationality",
            "citizenship",
            "foreign",
            "foreigner",
            "immigrant",
            "migrant",
            "native",
            "birthplace",
            "country_of_birth",
        }
    ),
    "religion or belief": frozenset({"religion", "religious", "church", "political", "politics", "union"}),
    "health or disability": frozenset({"disability", "disabled", "handicap", "hiv", "diagnosis"}),
    "age": frozenset({"age", "birth", "birthdate", "birthday", "dob", "senior", "elderly"}),
    "family status": frozenset(
        {"marital", "married", "spouse", "personal_status", "dependents", "dependants", "children", "family"}
    ),
    "sexual orientation": frozenset({"orientation", "sexual", "sexuality"}),
}
"""Attributes that law or decency protects, and words of columns that hold them (EU Charter, Article 21)."""

THINGS = frozenset(
    {
        "house",
        "housing",
        "home",
        "building",
        "car",
        "vehicle",
        "account",
        "device",
        "machine",
        "asset",
        "property",
        "tree",
    }
)
"""Words of what has an age or an origin and is no person."""

GRAVE = frozenset(NAMES) - {"age", "family status"}
"""Attributes protected nearly everywhere; the others in some uses."""

VALUES = {
    "sex or gender": ("male", "female", "man", "woman", "m", "f", "child", "boy", "girl", "other", "unknown"),
    "race or ethnicity": (
        "white",
        "black",
        "asian",
        "hispanic",
        "caucasian",
        "african-american",
        "other",
        "unknown",
    ),
}
"""Values that give an attribute away whatever the column is called."""


def attribute_of(name: str, values: frozenset[str]) -> tuple[str, str]:
    """Return the protected attribute of a column and how it was recognised, or two empty texts.

    Examples:
        >>> attribute_of("personal_status_sex", frozenset())
        ('sex or gender', "its name says 'sex'")
        >>> attribute_of("who", frozenset({"man", "woman", "child"}))
        ('sex or gender', 'its values are child, man, woman')
        >>> attribute_of("balance", frozenset({"1", "2"}))
        ('', '')
    """
    pieces = set(words(name)) | {name.lower()}
    if pieces & THINGS:
        return "", ""
    for attribute, listed in NAMES.items():
        hit = sorted(pieces & listed)
        if hit:
            return attribute, f"its name says '{hit[0]}'"
    for attribute, known in VALUES.items():
        telling = values & set(known[:4])
        if 2 <= len(values) <= len(known) and values <= set(known) and telling:
            return attribute, f"its values are {', '.join(sorted(values))}"
    return "", ""


def sensitive_columns(view: RiskView) -> tuple[str, ...]:
    """Return the features and context columns that hold a protected attribute.

    Examples:
        >>> sensitive_columns.__name__
        'sensitive_columns'
    """
    columns = view.contract.data.columns
    return tuple(
        name
        for name in view.train.columns
        if name in columns
        and columns[name].role in ("feature", "context")
        and (columns[name].pii == "sensitive" or attribute_of(name, _values(view.train[name]))[0])
    )


class SensitiveCheck:
    """Finds features that hold a protected attribute, with the target's rate in each group.

    Examples:
        >>> SensitiveCheck().category
        'bias and fairness'
    """

    code = "SENSITIVE"
    category: Category = "bias and fairness"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column."""
        columns = view.contract.data.columns
        for name in view.train.columns:
            column = columns.get(name)
            if column is None or column.role not in ("feature", "context"):
                continue
            attribute, told = attribute_of(name, _values(view.train[name]))
            if not attribute and column.pii == "sensitive":
                attribute, told = "a protected attribute", "the contract says `pii: sensitive`"
            if attribute:
                yield self._risk(view, name, attribute=attribute, told=told)

    def _risk(self, view: RiskView, name: str, *, attribute: str, told: str) -> Risk:
        used = name in view.usable
        sliced = name in view.contract.evaluation.slices
        grave = attribute in GRAVE or attribute == "a protected attribute"
        severity = Severity.MEDIUM if used and grave else Severity.LOW
        return raised(
            self,
            title=f"{name} holds {attribute}" + ("" if used else "; it is kept as context only"),
            severity=severity,
            confidence=85,
            subject=name,
            evidence=(told, *_rates(view, name), f"alone it reaches {view.sample.strength(name).told}"),
            why="A decision that rests on it may be unlawful, and one that errs more often for one group "
            "is unfair "
            "even without it: other columns stand in for it.",
            fix=f"Decide by name whether {name} may be a feature; report every metric by {name} either way.",
            question=f"May the decision rest on {name}, and who has agreed to that?" if used else "",
            change="" if sliced else f"report by {name}",
            columns=(name,),
        )


def _values(column: pl.Series) -> frozenset[str]:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return frozenset()
    found = column.cast(pl.String).drop_nulls().unique().head(20).to_list()
    return frozenset(value.strip().lower() for value in found)


def _rates(view: RiskView, name: str) -> tuple[str, ...]:
    """The target by group: share of the positive class, or mean; for up to six groups of 30 rows or more."""
    sample = view.sample
    if view.target.task == "multiclass":
        return ()
    column = sample.frame[name]
    if column.dtype.is_numeric() and column.n_unique() > 12:
        values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        known = values[np.isfinite(values)]
        low, high = np.quantile(known, [1 / 3, 2 / 3]) if known.size else (0.0, 0.0)
        names = np.where(
            values <= low, f"<= {low:g}", np.where(values <= high, f"{low:g} to {high:g}", f"> {high:g}")
        )
        column = pl.Series(name, names)
    groups = (
        pl.DataFrame({"group": column.cast(pl.String), "y": sample.y})
        .group_by("group")
        .agg(rows=pl.len(), rate=pl.col("y").mean())
        .filter(pl.col("rows") >= 30)
        .sort(["rows", "group"], descending=[True, False])
        .head(6)
    )
    what = f"share of '{view.target.positive}'" if view.target.task == "binary" else "mean target"
    told = ", ".join(f"{group} {rate:.3g} ({rows:,} rows)" for group, rows, rate in groups.iter_rows())
    return (f"{what} by group: {told}",) if told else ()
