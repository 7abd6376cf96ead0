"""Digests: equal values have equal bytes, and only they."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.digest import (
    canonical_json,
    digest_of,
    digest_of_bytes,
    digest_of_file,
    plain,
    short,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


class Colour(StrEnum):
    """A closed choice."""

    RED = "red"


class Level(IntEnum):
    """An ordered choice."""

    HIGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A record."""

    x: float
    """Across."""
    tags: tuple[str, ...] = ()
    """Words."""


@given(JSON)
def test_canonical_json_reads_back_as_the_same_value(value):
    """Nothing is lost or rounded."""
    assert json.loads(canonical_json(value)) == value


@given(JSON)
def test_canonical_json_is_a_fixed_point(value):
    """Reading it and writing it again changes nothing."""
    data = canonical_json(value)
    assert canonical_json(json.loads(data)) == data


@given(st.dictionaries(TEXT, JSON))
def test_the_order_of_keys_does_not_matter(value):
    """A mapping is a mapping however it was filled."""
    assert digest_of(dict(reversed(value.items()))) == digest_of(value)


@given(JSON, JSON)
def test_different_values_have_different_digests(one, other):
    """1, 1.0 and true are three values; so are 0.0 and -0.0."""
    assert (canonical_json(one) == canonical_json(other)) == (digest_of(one) == digest_of(other))
    assert len({digest_of(1), digest_of(1.0), digest_of(value=True), digest_of("1")}) == 4


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [math.nan], {"a": math.inf}])
def test_undefined_numbers_are_refused(value):
    """They have no JSON form; None has."""
    with pytest.raises(ValueError, match="store an undefined number as None"):
        canonical_json(value)


@pytest.mark.parametrize("value", [object(), b"bytes", bytearray(b"x"), 1j, Point, {"a": {b"x"}}])
def test_what_has_no_canonical_form_is_refused_by_type(value):
    """A guess would differ between machines."""
    with pytest.raises(ValueError, match="has no canonical form"):
        canonical_json(value)


def test_half_of_a_surrogate_pair_is_refused():
    """It has no UTF-8."""
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical_json("\ud800")


def test_moments_are_written_in_utc_and_need_a_zone():
    """The same moment has one form."""
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert plain(moment) == "2026-01-01T12:00:00Z"
    assert plain(moment.astimezone(timezone(timedelta(hours=5)))) == "2026-01-01T12:00:00Z"
    with pytest.raises(ValueError, match="has no time zone"):
        plain(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is what is refused
    assert plain(date(2026, 1, 1)) == "2026-01-01"


def test_records_enums_and_sets_have_a_plain_form():
    """Records by field, enums by value, sets in order."""
    assert plain(Point(x=1.0, tags=("a",))) == {"x": 1.0, "tags": ["a"]}
    assert plain([Colour.RED, Level.HIGH]) == ["red", 3]
    assert plain({"b", "a"}) == ["a", "b"]
    assert plain({Level.HIGH: 1}) == {"3": 1}
    assert digest_of({"b", "a"}) == digest_of(frozenset(("a", "b")))


@given(st.binary(max_size=100))
def test_a_file_has_the_digest_of_its_bytes(tmp_path_factory, data):
    """Read in pieces."""
    path = tmp_path_factory.getbasetemp() / "file"
    path.write_bytes(data)
    assert digest_of_file(path) == digest_of_bytes(data)


def test_a_large_file_is_read_in_pieces(tmp_path):
    """More than one."""
    data = bytes(range(256)) * 10_000
    (tmp_path / "file").write_bytes(data)
    assert digest_of_file(tmp_path / "file") == digest_of_bytes(data)


def test_the_short_form_is_for_people():
    """Twelve digits, without the prefix."""
    assert short(digest_of_bytes(b"")) == "e3b0c44298fc"
