"""Columns of a draft: type, role, limits and codes of each, with the reason in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from modelwright.contracts.data import Column
from modelwright.data.column_profile import ColumnProfile
from modelwright.data.pii import mask_text, privacy_class
from modelwright.tasks.labels import as_labels

__all__ = ["DraftedColumn", "Placement", "doubtful_zeros", "draft_column"]

MOST_LISTED = 30
"""Categories are listed up to this many; a longer list would be noise in a contract."""

STRICT_ROWS = 1_000
"""From this many rows on, a column that is never empty is agreed to be never empty."""

RARE_ZERO = 0.01
"""Odd zeros in fewer rows than this share are read as missing without being asked about."""

ODD_VALUES = 3
"""Up to this many distinct texts among numbers are taken as codes for missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What the whole table says about a column's place.

    Examples:
        >>> Placement(target="y").time is None
        True
    """

    target: str
    """The target column."""
    classes: bool = True
    """Whether the target holds classes rather than numbers."""
    time: str | None = None
    """The column that orders rows in time."""
    group: str | None = None
    """The column whose rows belong together."""
    entity: str | None = None
    """The column that names a row's entity."""
    replace: Mapping[str, str] = field(default_factory=dict)
    """Spellings of the target to rewrite."""
    zeros_missing: bool = False
    """Whether frequent zeros that stand apart mean missing."""
    keep_personal: bool = False
    """Whether values that identify somebody may stay in what is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedColumn:
    """One column of a draft.

    Examples:
        >>> DraftedColumn(column=Column(type="number"), comment="78 values").assumptions
        ()
    """

    column: Column
    """What the contract will say."""
    comment: str
    """What was seen, for the comment beside it."""
    assumptions: tuple[str, ...] = ()
    """What was taken for granted."""


Role = Literal["feature", "target", "entity", "time", "group", "context", "excluded"]

ROLE_REASONS: Mapping[str, tuple[Role, str]] = {
    "row number": ("context", "counts the rows one by one; as a feature it would only tell their order"),
    "entity": ("context", "names a row; as a feature it could only be learnt by heart"),
    "group": ("context", "names a group of rows; as a feature it could only be learnt by heart"),
    "weight": ("context", "looks like a sampling weight, which says how many others a row stands for"),
    "split marker": ("excluded", "marks the parts of somebody else's split"),
    "constant": ("excluded", "has one value at most"),
    "text": ("context", "free text or very many values; not turned into a feature"),
}
"""Suspected role to the role in the contract, and why."""


def _comment(profile: ColumnProfile) -> str:
    told = [f"{profile.unique:,} distinct"]
    if profile.nulls:
        told.append(f"{profile.nulls / profile.rows:.1%} empty")
    if profile.minimum is not None:
        told.append(f"{profile.minimum:g} to {profile.maximum:g}")
    return ", ".join(told) + (f"; {profile.note}" if profile.note else "")


def _role(profile: ColumnProfile, place: Placement) -> tuple[Role, str]:
    name = profile.name
    if name == place.time:
        return "time", "orders the rows in time"
    if name == place.group:
        return "group", "rows with the same value belong together"
    if name == place.entity:
        return "entity", "names what a row is about"
    return ROLE_REASONS.get(profile.suspected_role, ("feature", ""))


def doubtful_zeros(profile: ColumnProfile) -> bool:
    """Whether a column has zeros that stand apart, in so many rows that a person should say what they mean.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> doubtful_zeros(profile(pl.DataFrame({"bmi": [0, *range(20, 50)]})).columns[0])
        True
    """
    return "0" in profile.suspected_missing_codes and profile.zeros > RARE_ZERO * profile.rows


def _codes(profile: ColumnProfile, place: Placement) -> tuple[tuple[str | float, ...], list[str]]:
    numbers = profile.kind in {"integer", "number"}
    codes: list[str | float] = []
    told = []
    for code in profile.suspected_missing_codes:
        if code == "0" and doubtful_zeros(profile) and not place.zeros_missing:
            continue
        try:
            codes.append(float(code) if numbers else code)
        except ValueError:
            codes.append(code)
        told.append(f"{profile.name}: {code} means missing")
    return tuple(codes), told


def _odd_texts(series: pl.Series) -> list[str]:
    labels = as_labels(series).drop_nulls()
    return labels.filter(labels.cast(pl.Float64, strict=False).is_null()).unique().sort().to_list()


def draft_column(profile: ColumnProfile, series: pl.Series, place: Placement) -> DraftedColumn:
    """Draft what the contract says of one column.

    Examples:
        >>> from modelwright.data.profile import profile
        >>> ages = pl.Series("age", [31, 40, 52])
        >>> draft_column(profile(ages.to_frame()).columns[0], ages, Placement(target="y")).column.range
        (0.0, None)
    """
    if profile.name == place.target:
        return _draft_target(profile, series, place)
    role, reason = _role(profile, place)
    codes, told = _codes(profile, place)
    kind = _type(profile)
    if kind == "number" and series.dtype == pl.String:
        odd = _odd_texts(series)
        if len(odd) > ODD_VALUES:
            kind, role = "text", "context"
            reason = f"mixes numbers with {len(odd):,} distinct texts, such as {mask_text(odd[0])[:20]!r}"
            codes, told = (), []
        else:
            told.append(f"{profile.name}: text read as numbers")
            new = tuple(text for text in odd if text not in codes)
            codes = (*codes, *new)
            told += [f"{profile.name}: {text!r} among numbers means missing" for text in new]
    if kind == "datetime" and series.dtype == pl.String:
        told.append(f"{profile.name}: text read as dates")
    pii = privacy_class(profile.personal)
    if pii == "direct":
        role, reason = "context", "identifies a person; never a feature"
    told += [
        f"{profile.name}: {item.kind} {item.reason}; the texts are kept as they are"
        for item in profile.personal
        if item.privacy == "direct" != pii
    ]
    if role != "feature" and reason:
        told.append(f"{profile.name}: {role}, {reason}")
    infinite = "infinite values" in profile.note
    if infinite and role != "excluded":
        told.append(f"{profile.name}: infinite values are read as missing")
    blanks = series.dtype == pl.String and bool((series.str.strip_chars() == "").any())
    empty = bool(profile.nulls or codes or infinite or blanks)
    drafted = Column(
        type=kind,
        role=role,
        nulls=empty or (profile.rows < STRICT_ROWS and role not in {"time", "entity", "group"}),
        missing_codes=codes,
        range=_range(profile, codes) if kind in {"integer", "number"} and role == "feature" else None,
        categories=_categories(series, codes) if kind == "category" and role == "feature" else None,
        pii="indirect" if role == "entity" and pii == "none" else pii,
        keep_out=pii == "direct" and not place.keep_personal,
        reason=reason,
    )
    return DraftedColumn(column=drafted, comment=_comment(profile), assumptions=tuple(told))


def _type(profile: ColumnProfile) -> Literal["number", "integer", "boolean", "category", "text", "datetime"]:
    match profile.kind:
        case "number" | "integer" | "boolean" | "category" | "datetime":
            return profile.kind
        case _:
            return "text"


def _range(
    profile: ColumnProfile, codes: tuple[str | float, ...]
) -> tuple[float | None, float | None] | None:
    if profile.minimum is None or profile.minimum < 0:
        low = min((code for code in codes if isinstance(code, float)), default=0.0)
        # With the negative code taken out, what is left is not negative.
        return (0.0, None) if profile.minimum is not None and profile.minimum == low < 0 else None
    return (
        (0.0, 1.0) if (profile.unique == 2 and profile.maximum == 1 and profile.minimum == 0) else (0.0, None)
    )


def _categories(series: pl.Series, codes: tuple[str | float, ...]) -> tuple[str, ...] | None:
    found = as_labels(series).drop_nulls().unique().sort().to_list()
    listed = tuple(label for label in found if label not in codes)
    if any(mask_text(label) != label for label in listed):
        return None  # a contract is read by many
    return listed if 0 < len(listed) <= MOST_LISTED else None


def _draft_target(profile: ColumnProfile, series: pl.Series, place: Placement) -> DraftedColumn:
    comment = _comment(profile)
    if not place.classes:
        whole = profile.kind == "integer"
        column = Column(type="integer" if whole else "number", role="target", nulls=False)
        return DraftedColumn(column=column, comment=comment)
    labels = as_labels(series).drop_nulls()
    meant = sorted(set(labels.replace(dict(place.replace)).unique().to_list()))
    categories = tuple(meant) if len(meant) <= 2 * MOST_LISTED else None
    column = Column(
        type="category", role="target", nulls=False, replace=dict(place.replace), categories=categories
    )
    told = tuple(
        f"{profile.name}: '{written}' means '{as_meant}'" for written, as_meant in place.replace.items()
    )
    return DraftedColumn(column=column, comment=comment, assumptions=told)
