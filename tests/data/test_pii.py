"""Personal data and secrets: found by name, shape and check digit; quiet on ordinary columns."""

import polars as pl
import pytest

from modelwright.data.pii import detect_pii, mask_text, privacy_class

PEOPLE = ["Anna Schmidt", "John Miller", "Peter van Dyke", "Maria J. Lopez", "Li Wei"]


def kinds(values, name="a"):
    """The kinds a column seems to hold."""
    return [item.kind for item in detect_pii(pl.Series(name, values))]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["p1@example.org", "p2@example.co.uk"], "e-mail"),
        (["+49 30 1234567", "(030) 123-4567", "555-123-4567"], "phone"),
        (["123-45-6789", "234-56-7890"], "national id"),
        (["AB 12 34 56 C", "CE123456D"], "national id"),
        (["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"], "bank account"),
        (["4111 1111 1111 1111", "5500-0000-0000-0004"], "card number"),
        ([4111111111111111, 5500000000000004], "card number"),
        (["10.0.0.1", "192.168.178.20"], "ip address"),
        (["12 Main Street", "45 Oak Hill Road"], "address"),
        (["Lindenstraße 5", "Am Alten Weg 12a"], "address"),
        (PEOPLE, "name"),
        (["call me", "use ghp_" + "a" * 36], "secret"),
        (["db at postgresql://reader:pw1@host/db", "none"], "secret"),
        (["write to ann@example.org today", "no"], "e-mail"),
        (["pay to GB82 WEST 1234 5698 7654 32 now", "no"], "bank account"),
    ],
)
def test_a_kind_is_told_by_the_values(values, kind):
    """Under any name."""
    assert kinds(values)[0] == kind


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("customer_phone", list(range(5551230000, 5551230100)), "phone"),
        ("E-Mail", [f"x{n}" for n in range(50)], "e-mail"),
        ("lastName", [f"x{n}" for n in range(50)], "name"),
        ("customer name", [f"x{n}" for n in range(50)], "name"),
        ("api_key", [f"x{n}" for n in range(50)], "secret"),
        ("dob", [1990, 1991], "birth date"),
        ("zip", [10115, 80331], "post code"),
        ("gender", ["f", "m"], "sensitive"),
        ("foreign_worker", [0, 1], "sensitive"),
    ],
)
def test_a_kind_is_told_by_the_name(name, values, kind):
    """With no value to speak for it."""
    (found,) = detect_pii(pl.Series(name, values))
    assert (found.kind, found.share) == (kind, 0.0)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", [31, 40]),
        ("day", ["2026-01-31", "2026-02-01"]),
        ("time", ["2026-01-31 10:00", "2026-02-01 11:30"]),
        ("city", ["New York", "Los Angeles", "San Jose"] * 20),
        ("name", ["a", "b"]),
        ("product", ["Red Shoe", "Blue Shirt", "Green Hat"] * 10),
        ("amount", ["1,200.50", "12.5"]),
        ("range", ["1000-2000", "2000-3000"]),
        ("card", ["4111 1111 1111 1112"] * 3),
        ("account", ["GB00 WEST 1234 5698 7654 32"] * 3),
        ("number", list(range(10**15, 10**15 + 100))),
        ("version", ["1.2.3", "2.0.1"]),
        ("code", ["A11", "A12"]),
        ("empty", pl.Series([None, None], dtype=pl.String)),
        ("on", [True, False]),
    ],
)
def test_ordinary_columns_stay_quiet(name, values):
    """Dates, places, amounts, wrong check digits."""
    assert detect_pii(pl.Series(name, values)) == ()


def test_the_class_is_that_of_most_values():
    """One address in a hundred texts does not make the texts a name."""
    texts = pl.Series("note", ["fine"] * 99 + ["ann@example.org wrote"])
    found = detect_pii(texts)
    assert (found[0].privacy, round(found[0].share, 2)) == ("direct", 0.01)
    assert privacy_class(found) == "none"
    assert privacy_class(detect_pii(pl.Series("email", [f"p{n}@example.org" for n in range(30)]))) == "direct"
    assert privacy_class(detect_pii(pl.Series("dob", [1990, 1991]))) == "indirect"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann@example.org or +49 30 1234567", "write to [e-mail] or [phone]"),
        ("card 4111 1111 1111 1111", "card [card number]"),
        ("order 4111 1111 1111 1112", "order 4111 1111 1111 1112"),
        ("AKIA" + "A" * 16, "[secret]"),
        ("GB82 WEST 1234 5698 7654 32", "[bank account]"),
        ("nothing to hide on 2026-01-31", "nothing to hide on 2026-01-31"),
    ],
)
def test_texts_are_masked(text, masked):
    """What identifies somebody is named, not shown."""
    assert mask_text(text) == masked
