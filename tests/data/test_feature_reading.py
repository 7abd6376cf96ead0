"""Rows are read with their features as they were known at each row's time."""

import polars as pl
import pytest
from tests.data.tables import contract_of

from modelwright.contracts.feature import FeatureTable
from modelwright.contracts.source import Source
from modelwright.data.feature_reading import feature_view, joined_columns, read_feature_tables, read_rows
from modelwright.data.source import read_with_notes
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import DataInvalid, UserFault

COLUMNS = {
    "client": {"type": "category", "role": "entity"},
    "called_at": {"type": "datetime", "role": "time"},
    "y": {"type": "category", "role": "target"},
    "paid_amount": {"type": "number", "missing_codes": [-1]},
    "paid_kind": {"type": "category"},
    "paid_sum_amount_2d": {"type": "number"},
    "paid_count": {"type": "integer"},
    "paid_last_kind": {"type": "category", "role": "context"},
    "paid_distinct_kind": {"type": "integer", "role": "excluded", "reason": "says the same as the count"},
}

PAID = {
    "name": "paid",
    "source": {"path": "payments.csv"},
    "entity": ["payer"],
    "on": ["client"],
    "event_time": "at",
    "columns": ["amount", "kind"],
    "aggregates": [
        {"function": "sum", "column": "amount", "window": "2d"},
        {"function": "count"},
        {"function": "last", "column": "kind"},
        {"function": "distinct", "column": "kind"},
    ],
}

CALLS = """client,called_at,y
7,2026-01-03 12:00:00,yes
8,2026-01-03 12:00:00,no
7,2026-01-01 09:00:00,no
"""

PAYMENTS = """payer,at,amount,kind,note
7,2026-01-01 10:00:00,5,card,a
7,2026-01-02 18:00:00,-1,cash,b
7,2026-01-03 12:00:00,100,card,outcome
,2026-01-01 10:00:00,1,card,d
"""


@pytest.fixture
def root(tmp_path):
    """A project with calls and payments."""
    (tmp_path / "calls.csv").write_text(CALLS)
    (tmp_path / "payments.csv").write_text(PAYMENTS)
    return tmp_path


def declared(columns=COLUMNS, **changes):
    """The contract with its feature table, changed."""
    return contract_of(columns, event_time="called_at", feature_tables=[{**PAID, **changes}])


def test_each_row_sees_the_payments_before_it(root):
    """Nothing of the same moment or later; codes are missing; types and order are the contract's."""
    reading = read_rows(declared(), root=root)
    assert reading.frame.columns == [name for name in COLUMNS if name != "paid_distinct_kind"]
    assert reading.frame.drop("client", "called_at", "y").to_dicts() == [
        {
            "paid_amount": None,
            "paid_kind": "cash",
            "paid_sum_amount_2d": 0.0,
            "paid_count": 2,
            "paid_last_kind": "cash",
        },
        dict.fromkeys(("paid_amount", "paid_kind", "paid_last_kind"))
        | {"paid_sum_amount_2d": 0.0, "paid_count": 0},
        dict.fromkeys(("paid_amount", "paid_kind", "paid_last_kind"))
        | {"paid_sum_amount_2d": 0.0, "paid_count": 0},
    ]
    assert reading.frame.schema["paid_count"] == pl.Int64


def test_feature_tables_are_among_the_origins(root):
    """Their digests stand in the snapshot beside those of the sources."""
    digests = read_rows(declared(), root=root).digests
    assert digests == {name: digest_of_file(root / name) for name in ("calls.csv", "payments.csv")}


def test_what_a_person_should_know_is_told(root):
    """Rows of nobody, codes read as missing, features known for no row."""
    notes = read_rows(declared(ttl="1h"), root=root).notes
    assert "paid, column amount: 1 coded value read as missing" in notes
    assert "paid, 1 rows without entity or time belong to nobody" in notes
    assert "paid_amount is known for no row" in notes


def test_midnights_ask_whether_rows_tell_of_whole_days(root):
    """Totals of a day, stamped at its start, would tell the morning what the evening brings."""
    (root / "payments.csv").write_text("payer,at,amount,kind\n7,2026-01-01,5,card\n7,2026-01-02,6,card\n")
    assert any("delay: 1d" in note for note in read_rows(declared(), root=root).notes)
    assert not any("delay: 1d" in note for note in read_rows(declared(delay="1d"), root=root).notes)


def test_a_contract_without_feature_tables_is_read_as_ever(root):
    """One way of reading for every contract."""
    own = {name: COLUMNS[name] for name in ("client", "called_at", "y")}
    contract = contract_of(own)
    assert joined_columns(contract) == ()
    assert read_rows(contract, root=root).frame.equals(read_with_notes(contract, root=root).frame)


def test_the_time_of_features_goes_before_the_time_of_the_event(root):
    """A row whose features were frozen earlier looks back from then."""
    (root / "calls.csv").write_text(
        "client,called_at,y,frozen\n7,2026-01-03 12:00:00,yes,2026-01-02 00:00:00\n"
    )
    columns = {**COLUMNS, "frozen": {"type": "datetime", "role": "time"}}
    contract = contract_of(columns, event_time="called_at", feature_time="frozen", feature_tables=[PAID])
    assert read_rows(contract, root=root).frame["paid_count"].to_list() == [1]


@pytest.mark.parametrize(
    ("payments", "changes", "told"),
    [
        ("payer,at,amount,kind\n7,soon,5,card\n", {}, "not of type datetime"),
        ("payer,when,amount,kind\n7,2026-01-01,5,card\n", {}, "column at"),
        ("payer,at,amount,kind\n7,2026-01-01,much,card\n", {}, "not of type number"),
        (PAYMENTS, {"source": {"path": "payments.csv", "digest": "sha256:" + "0" * 64}}, "not the data"),
        (PAYMENTS, {"source": {"path": "nowhere.csv"}}, "nowhere.csv"),
        (PAYMENTS, {"source": {"path": "s3://bucket/payments.csv"}}, "no file of this machine"),
    ],
)
def test_feature_tables_that_do_not_fit_are_told(root, payments, changes, told):
    """Wrong types, missing columns, other bytes, no file."""
    (root / "payments.csv").write_text(payments)
    with pytest.raises((DataInvalid, UserFault), match=told):
        read_rows(declared(**changes), root=root)


def test_files_of_a_feature_table_that_do_not_agree_are_told(root):
    """A folder is one table."""
    folder = root / "payments"
    folder.mkdir()
    (folder / "a.csv").write_text(PAYMENTS)
    (folder / "b.csv").write_text("something,else\n1,2\n")
    with pytest.raises(DataInvalid):
        read_feature_tables(declared(source={"path": "payments"}), root=root)


def test_a_made_column_of_another_type_is_told(root):
    """A mean is no whole number."""
    (root / "payments.csv").write_text(
        "payer,at,amount,kind\n7,2026-01-01 10:00:00,5,a\n7,2026-01-02 10:00:00,6,a\n"
    )
    columns = {**COLUMNS, "half": {"type": "integer"}}
    aggregates = [*PAID["aggregates"], {"function": "mean", "column": "amount", "name": "half"}]
    with pytest.raises(DataInvalid, match="not of the type"):
        read_rows(declared(columns, aggregates=aggregates), root=root)


def test_a_view_is_the_table_with_its_lengths_read():
    """Durations are parsed once."""
    table = FeatureTable(
        name="paid", source=Source(path="p.csv"), entity=("id",), event_time="t", horizon="2d", delay="1h"
    )
    view = feature_view(table)
    assert (view.horizon.days, view.delay.seconds, view.ttl, view.keys) == (2, 3600, None, ("id",))
