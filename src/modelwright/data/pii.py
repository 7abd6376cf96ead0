"""Personal data and secrets: what a column's name and values show, and how such values are masked.

Patterns and checksums follow the public standards: IBAN (ISO 13616, modulo 97), card numbers (ISO/IEC 7812,
Luhn), telephone numbers (ITU-T E.164: at most 15 digits), e-mail (RFC 5321, loosely). What is found is a
suspicion with its share of values; a person decides.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from modelwright.data.pii_pattern import (
    GIVEN_NAMES,
    INSIDE,
    NAME_HINTS,
    NAME_PHRASES,
    SENSITIVE_WORDS,
    WHOLE,
    PiiKind,
)
from modelwright.data.suspicion import words

__all__ = ["PiiFinding", "PrivacyClass", "detect_pii", "mask_text", "privacy_class"]

PrivacyClass = Literal["none", "direct", "indirect", "sensitive"]
"""The class as the contract writes it."""

DIRECT: frozenset[str] = frozenset(
    {"e-mail", "phone", "name", "address", "national id", "bank account", "card number", "secret"}
)
"""Kinds that identify a person, or open a door."""

SAMPLE = 2_000
"""Values looked at, spread evenly over the column."""
MOSTLY = 0.5
"""A column is of a kind when more than this share of its values is."""
MANY_VALUES = 20
"""Distinct values from which a column can name persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiFinding:
    """A kind of personal data that a column seems to hold.

    Examples:
        >>> detect_pii(pl.Series("contact", ["a@b.org", "c@d.org"]))[0].kind
        'e-mail'
    """

    kind: PiiKind
    """What it seems to be."""
    privacy: PrivacyClass
    """The class it belongs to."""
    share: float
    """Share of the values looked at that show it; 0 when the name alone does."""
    reason: str
    """What speaks for it, without a value."""


def _luhn(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = [
        digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits[::-1])
    ]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def _iban(text: str) -> bool:
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _person(text: str) -> bool:
    return text.split(maxsplit=1)[0].casefold() in GIVEN_NAMES


def _telephone(text: str) -> bool:
    return 7 <= sum(letter.isdigit() for letter in text) <= 15 and not re.match(
        r"\d{4}[-/.]\d\d?[-/.]\d", text
    )


CERTAIN: Mapping[PiiKind, Callable[[str], bool]] = {
    "card number": _luhn,
    "bank account": _iban,
    "phone": _telephone,
}
"""Checks beyond the pattern."""


def _sampled(column: pl.Series) -> pl.Series:
    known = column.drop_nulls()
    return known.gather_every(max(1, len(known) // SAMPLE)).head(SAMPLE)


def _hinted(name: str) -> PiiKind | None:
    found = set(words(name))
    for kind, hints in NAME_HINTS.items():
        if found & hints:
            return kind
    return NAME_PHRASES.get("_".join(words(name)))


def _by_values(values: pl.Series) -> list[PiiFinding]:
    """Tell kinds from whole values; the kind that most values have comes first."""
    found = []
    shares = values.to_frame("value").select(
        **{kind: pl.col("value").str.contains(pattern).mean() for kind, pattern in WHOLE.items()}
    )
    measured = shares.row(0, named=True)
    for kind in WHOLE:
        share = measured[kind] or 0.0
        if share <= MOSTLY:
            continue
        if kind in CERTAIN:
            certain = [
                value for value in values if re.search(_python(WHOLE[kind]), value) and CERTAIN[kind](value)
            ]
            share = len(certain) / len(values)
        if kind == "name":
            persons = sum(_person(value) for value in values)
            # Places and brands have two capitals too; a third of given names tells persons.
            if persons < len(values) / 3 or values.n_unique() < min(len(values), MANY_VALUES):
                continue
        if share > MOSTLY:
            told = f"{share:.0%} of the values look like it"
            found.append(_finding(kind, share, told))
    return sorted(found, key=lambda item: -item.share)


def _python(pattern: str) -> str:
    return pattern.replace(r"\p{Lu}", "[^\\W\\d_a-zà-ÿ]").replace(r"\p{L}", "[^\\W\\d_]")


def _inside(values: pl.Series) -> list[PiiFinding]:
    """Tell kinds that stand within longer texts: one is enough to matter."""
    counts = values.to_frame("value").select(
        **{kind: pl.col("value").str.count_matches(pattern).gt(0).mean() for kind, pattern in INSIDE.items()}
    )
    found = []
    measured = counts.row(0, named=True)
    for kind in INSIDE:
        share = measured[kind] or 0.0
        if not share:
            continue
        if kind in CERTAIN:
            hits = [hit for value in values for hit in re.findall(INSIDE[kind], value) if CERTAIN[kind](hit)]
            share = len(hits) / len(values)
        if share:
            found.append(_finding(kind, float(share), f"stands in {share:.1%} of the texts"))
    return found


def _finding(kind: PiiKind, share: float, reason: str) -> PiiFinding:
    privacy: PrivacyClass = "sensitive" if kind == "sensitive" else "direct" if kind in DIRECT else "indirect"
    return PiiFinding(kind=kind, privacy=privacy, share=share, reason=reason)


def detect_pii(column: pl.Series) -> tuple[PiiFinding, ...]:
    """Return what personal data or secrets a column seems to hold, the likeliest first.

    Args:
        column: The column as it stands in the table.

    Examples:
        >>> [item.kind for item in detect_pii(pl.Series("account", ["GB82 WEST 1234 5698 7654 32"] * 3))]
        ['bank account']
        >>> detect_pii(pl.Series("age", [31, 40]))
        ()
    """
    name = "".join(words(column.name))
    if set(words(column.name)) & SENSITIVE_WORDS or name in SENSITIVE_WORDS:
        return (_finding("sensitive", 0.0, "its name says so"),)
    hint = _hinted(column.name)
    if column.dtype != pl.String:
        return _numbers(column, hint)
    values = _sampled(column)
    if not len(values):
        return ()
    found = _by_values(values)
    if not found:
        found = _inside(values)
    known = {item.kind for item in found}
    few = column.n_unique() <= MANY_VALUES
    if hint is not None and hint not in known and not (few and hint != "post code"):
        found.append(_finding(hint, 0.0, "its name says so"))
    return tuple(found)


def _numbers(column: pl.Series, hint: PiiKind | None) -> tuple[PiiFinding, ...]:
    """Numbers and dates are told by their names, card numbers by their checksum."""
    telling = hint in {"birth date", "post code"} or (
        hint in {"phone", "national id", "card number"}
        and column.dtype.is_integer()
        and column.n_unique() > MANY_VALUES
    )
    if hint is not None and telling:
        return (_finding(hint, 0.0, "its name says so"),)
    if column.dtype.is_integer() and len(column):
        values = _sampled(column)
        low = values.min()
        if isinstance(low, int) and low >= 10**12:
            valid = sum(_luhn(str(value)) for value in values) / len(values)
            if valid > 0.9:
                return (_finding("card number", valid, f"{valid:.0%} of the values have its check digit"),)
    return ()


def privacy_class(found: tuple[PiiFinding, ...]) -> PrivacyClass:
    """Return the strictest class among findings that tell of most values, or of the name.

    Examples:
        >>> privacy_class(detect_pii(pl.Series("gender", ["f", "m"])))
        'sensitive'
    """
    classes = {item.privacy for item in found if item.share == 0.0 or item.share > MOSTLY}
    order: tuple[PrivacyClass, ...] = ("direct", "sensitive", "indirect")
    for each in order:
        if each in classes:
            return each
    return "none"


def mask_text(text: str) -> str:
    """Return a text with everything in it masked that identifies a person or opens a door.

    Examples:
        >>> mask_text("write to ann@example.org or +49 30 1234567")
        'write to [e-mail] or [phone]'
    """
    for kind, pattern in INSIDE.items():
        certain = CERTAIN.get(kind)

        def replaced(
            match: re.Match[str], kind: str = kind, certain: Callable[[str], bool] | None = certain
        ) -> str:
            return f"[{kind}]" if certain is None or certain(match[0]) else match[0]

        text = re.sub(pattern, replaced, text)
    return text
