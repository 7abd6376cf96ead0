"""The profile: what each column holds."""

import math
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import calls

from modelwright.data.pii import detect_pii, privacy_class
from modelwright.data.profile import Profile, profile
from modelwright.data.source import read_table
from modelwright.data.suspicion import suspect_missing_codes
from modelwright.kernel.errors import UnknownName
from modelwright.ledger.codec import decode, encode

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"


def only(values, name="a", **kwargs):
    """The profile of one column."""
    return profile(pl.DataFrame({name: pl.Series(values, **kwargs)})).columns[0]


@given(st.lists(st.one_of(st.none(), st.floats()), min_size=1, max_size=30))
def test_any_numbers_give_a_profile_that_can_be_stored(values):
    """NaN counts as empty, infinities are counted apart, nothing undefined reaches a record."""
    seen = profile(pl.DataFrame({"a": pl.Series(values, dtype=pl.Float64)}))
    column = seen.columns[0]
    assert column.nulls == sum(value is None or math.isnan(value) for value in values)
    assert decode(encode(seen), Profile) == seen


def test_numbers_are_described_by_their_deciles():
    """Lowest first, highest last, the median in the middle."""
    column = only(range(101))
    assert column.quantiles == tuple(float(step * 10) for step in range(11))
    assert (column.minimum, column.mean, column.maximum) == (0.0, 50.0, 100.0)
    assert column.zeros == 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "integer"),
        ([0.5, 1.0], "number"),
        ([True, False], "boolean"),
        (["a", "b"], "category"),
        ([f"word {n}" for n in range(400)], "text"),
        ([date(2026, 1, 1)], "datetime"),
        (["2026-01-01", "2026-01-02"], "datetime"),
        ([f"{n % 12 + 1:02}/{n % 11 + 1:02}/{1800 + n}" for n in range(400)], "text"),
        (["1.5", " ", "2"], "number"),
        ([None, None], "category"),
    ],
)
def test_the_kind_is_what_the_values_are(values, kind):
    """Not what the column happens to be stored as."""
    assert only(values).kind == kind


ROLES = {
    "row number": ("instant", list(range(1, 41))),
    "entity": ("customer", [f"c-{n}" for n in range(40)]),
    "group": ("patient_id", [n // 2 + 5 for n in range(40)]),
    "time": ("day", [date(2026, 1, 1) + timedelta(days=n) for n in range(40)]),
    "weight": ("fnlwgt", [n * 7 % 40 * 3 for n in range(40)]),
    "split marker": ("part", ["train", "test"] * 20),
    "constant": ("same", [1] * 40),
    "text": ("note", [f"a word {n}" for n in range(300)]),
    "feature": ("age", [n % 7 for n in range(40)]),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_suspected_from_names_and_values(role):
    """With the reason in words, except for plain features."""
    name, values = ROLES[role]
    column = only(values, name)
    assert column.suspected_role == role
    assert (f"role {role} suspected" in column.note) == (role != "feature")


def test_the_target_is_named_as_such():
    """And is not suspected of anything."""
    seen = profile(calls(), target="y")
    assert seen.column("y").suspected_role == "target"
    with pytest.raises(UnknownName, match="did you mean 'job'"):
        seen.column("jobb")


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([3, 6, 27, 999, 999], ["999"]),
        ([0, 1, 5, 41310, 99999], []),
        ([-1, 3, 4, 5], ["-1"]),
        ([-1, 0, 1, 5], []),
        ([-999, -3, 1, 5], []),
        (["a", "?", "Unknown", "b"], ["?", "Unknown"]),
        (["no", "none", "yes"], []),
        ([0, *range(40, 80)], ["0"]),
        ([0, *range(1, 80)], []),
        ([0] * 60 + list(range(40, 80)), []),
        ([True, False], []),
        ([1, 2], []),
    ],
)
def test_codes_for_missing_stand_apart(values, codes):
    """A sentinel far out, a zero among large values, a word that says so; nothing else."""
    found = [code for code, _ in suspect_missing_codes(pl.Series("a", values))]
    assert sorted(found) == sorted(codes)


def test_personal_columns_are_suspected_from_names_and_values():
    """An e-mail address is one under any name."""
    people = pl.Series("contact_to", [f"p{n}@example.org" for n in range(40)])
    assert privacy_class(detect_pii(people)) == "direct"
    assert privacy_class(detect_pii(people.alias("email"))) == "direct"
    assert privacy_class(detect_pii(pl.Series("name", ["a", "b"]))) == "none"
    assert privacy_class(detect_pii(pl.Series("foreign_worker", ["a"]))) == "sensitive"


def test_the_traps_of_bank_marketing_are_seen():
    """999 days and unknown words."""
    seen = profile(read_table(EXAMPLES / "bank_marketing.parquet"), target="y")
    assert seen.duplicate_rows == 12
    assert seen.column("pdays").suspected_missing_codes == ("999",)
    coded = [column.name for column in seen.columns if column.suspected_missing_codes == ("unknown",)]
    assert coded == ["job", "marital", "education", "default", "housing", "loan"]


def test_a_profile_reads_as_a_document():
    """Counts, a row a column, and what is suspected."""
    table = calls().with_columns(pl.lit("?").alias("code"), instant=pl.int_range(60))
    text = profile(table, target="y").document().to_markdown()
    assert "**Rows**: 60" in text
    assert "| instant | integer | row number |" in text
    assert "counts the rows one by one" in text


def test_a_column_that_is_kept_out_is_counted_and_not_told():
    """Neither its values nor its range, whatever its type."""
    table = pl.DataFrame({"who": ["zq1", "zq2", "zq2", None], "account": [91827, 91828, 91829, 91830]})
    seen = profile(table, kept_out=["who", "account"])
    assert [(column.rows, column.nulls, column.unique) for column in seen.columns] == [(4, 1, 2), (4, 0, 4)]
    told = encode(seen).decode() + seen.document().to_markdown()
    assert "zq" not in told
    assert "9182" not in told


def test_an_empty_table_has_a_profile():
    """With nothing in it."""
    seen = profile(calls().clear())
    assert (seen.rows, seen.duplicate_rows, seen.columns[0].unique) == (0, 0, 0)


def customers(rows=400):
    """Customers with an address each, some pay far out, and a price that rises."""
    number = pl.int_range(rows)
    return pl.select(number.alias("n")).select(
        contact=pl.lit("p") + pl.col("n").cast(pl.String) + "@example.org",
        pay=pl.when(pl.col("n") % 100 == 0)
        .then(9_000.0)
        .otherwise((pl.col("n") * 37 % 101).cast(pl.Float64)),
        twice=pl.when(pl.col("n") % 100 == 0).then(18_000.0).otherwise((pl.col("n") * 37 % 101) * 2.0),
        price=pl.when(pl.col("n") % 7 == 0).then(None).otherwise(pl.col("n") // 40),
        stock=pl.when(pl.col("n") % 7 == 0).then(None).otherwise(pl.col("n") % 5),
        shop=pl.lit("shop ") + (pl.col("n") % 3).cast(pl.String),
        day=pl.datetime(2026, 1, 1) + pl.duration(hours="n"),
    )


def test_values_that_identify_somebody_stand_nowhere_in_a_profile():
    """Neither in the record nor on the page; the kind does."""
    seen = profile(customers().with_columns(phone=pl.int_range(5551230000, 5551230400)))
    told = encode(seen).decode() + seen.document().to_html()
    assert "example.org" not in told
    assert "555123" not in told
    assert "5.55123" not in told
    assert seen.column("contact").personal[0].kind == "e-mail"
    assert "| contact | e-mail | direct | 100.0% |" in seen.document().to_markdown()


def test_common_values_are_masked_inside():
    """A text that names somebody is shown with the name taken out."""
    seen = profile(pl.DataFrame({"note": ["ask ann@example.org"] * 2 + ["fine"] * 58}))
    assert seen.column("note").top == (("fine", 58), ("ask [e-mail]", 2))


def test_histograms_hold_all_finite_numbers_and_outliers_are_counted():
    """The tails lie in the bins at the ends."""
    column = profile(customers()).column("pay")
    assert len(column.edges) == len(column.counts) + 1 == 21
    assert sum(column.counts) == 400
    assert column.outliers == 4
    assert profile(pl.DataFrame({"a": [1, 1, 1]})).column("a").counts == ()


def test_columns_that_go_together_or_are_missing_together_are_listed():
    """The strongest first; identifiers take no part."""
    seen = profile(customers())
    first = seen.associations[0]
    assert (first.first, first.second, first.value) == ("pay", "twice", 1.0)
    assert not any("contact" in {item.first, item.second} for item in seen.associations)
    (missing,) = seen.missing_together
    assert (missing.first, missing.second, missing.value) == ("price", "stock", 1.0)
    assert seen.complete_rows == 400 - 58


def test_what_moves_in_time_is_told_with_a_picture():
    """By the first column of dates, or the one that is named."""
    seen = profile(customers())
    assert seen.time == "day"
    assert seen.column("price").drift > 0.2
    assert len(seen.column("price").trend) == 8
    assert seen.column("day").drift is None
    page = seen.document().to_html()
    assert "Drift over time" in page
    assert page.count("<svg role='img'") == 3
    assert profile(customers().drop("day")).time is None


def test_names_from_the_table_cannot_break_the_page():
    """They are text, never markup."""
    seen = profile(pl.DataFrame({"<script>x</script>": ["<b>&</b>", "b"] * 20, "n": range(40)}))
    page = seen.document().to_html()
    assert "<script>" not in page
    assert "<b>&</b>" not in page


WIDE = st.sampled_from(["", "x", "a@b.org", "2026-01-31", "7", "nan", "+49 30 123456"])


@given(st.lists(st.tuples(st.none() | WIDE, st.none() | st.floats(), st.none() | st.booleans()), max_size=40))
def test_any_table_has_a_profile_that_can_be_read_and_stored(rows):
    """Text, infinities, nothing at all."""
    frame = pl.DataFrame(rows, schema={"t": pl.String, "n": pl.Float64, "b": pl.Boolean}, orient="row")
    seen = profile(frame)
    assert decode(encode(seen), Profile) == seen
    assert "<h1>Data profile</h1>" in seen.document().to_html()
    assert "a@b.org" not in encode(seen).decode()
