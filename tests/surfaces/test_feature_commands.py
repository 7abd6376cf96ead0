"""Commands around features: materialise, get, check, lineage."""
# ruff: noqa: DTZ001 - tables hold moments in UTC without a zone

import json
from datetime import datetime, timedelta

import polars as pl
import pytest

from modelwright.kernel.errors import ExitCode

TABLES = """\
  event_time: called_at
  feature_tables:
    - {name: paid, source: {path: paid.parquet}, entity: [client], event_time: at, columns: [amount]}
  columns:
    client: {type: integer, role: entity}
    called_at: {type: datetime, role: time}
    paid_amount: {type: number}
    age: {type: integer}
    y: {type: category, role: target, categories: ["no", "yes"]}
"""

CONTRACT = f"""\
name: calls
decision:
  goal: Call the clients who are likely to buy first
  owner: campaign lead
  action: order of calls
  success_metric: {{name: sales per call}}
prediction: {{task: binary, target: "y", positive: "yes"}}
data:
  sources: [{{path: calls.parquet}}]
{TABLES}
evaluation: {{primary: roc_auc}}
gates: {{lines: ["roc_auc >= 0"]}}
"""


@pytest.fixture
def project(desk):
    """A project with a feature table, before its first run."""
    start = datetime(2026, 1, 1)
    pl.DataFrame(
        {"client": [1, 2], "at": [start, start + timedelta(days=1)], "amount": [5.0, 7.0]}
    ).write_parquet(desk.folder / "paid.parquet")
    (desk.folder / "contract.yaml").write_text(CONTRACT)
    return desk


def test_features_are_materialised_looked_up_and_checked(project):
    """As of a moment: who paid by then has a value."""
    assert project("features", "check")[0] == ExitCode.NOT_PASSED
    code, out, err = project("features", "materialise", "--at", "2026-01-02", "--json")
    assert (code, json.loads(out)["views"][0]["entities"]) == (0, 2), err
    code, out, _ = project("features", "get", "paid", "1")
    assert code == 0
    assert "as of 2026-01-02 00:00:00 UTC" in out
    assert "paid_amount: 5.0" in out
    assert json.loads(project("features", "get", "paid", "2", "--json")[1])["values"] == {"paid_amount": None}
    code, out, _ = project("features", "check")
    assert code == 0
    assert "2 entities agree exactly" in out


def test_what_was_never_materialised_is_told(project):
    """The exit code says that the answer is no good."""
    code, out, _ = project("features", "get", "paid", "1")
    assert (code, "never materialised" in out) == (ExitCode.NOT_PASSED, True)


def test_a_table_that_is_none_is_told(project):
    """With the nearest name."""
    code, _, err = project("features", "get", "piad", "1")
    assert code == ExitCode.USER_FAULT
    assert "paid" in err


def test_lineage_before_a_snapshot_says_what_to_do(project):
    """There is nothing to trace."""
    code, _, err = project("lineage")
    assert code == ExitCode.USER_FAULT
    assert "no snapshot was taken yet" in err


def test_lineage_is_shown_as_text_json_and_events(assessed):
    """After phase 2 columns are traced; the matrix follows with phase 4."""
    assert "Lineage" in assessed("lineage")[1]
    record = json.loads(assessed("lineage", "--json")[1])
    assert record["columns"]
    lines = assessed("lineage", "--events")[1].splitlines()
    assert [json.loads(line)["eventType"] for line in lines] == ["START", "COMPLETE"]
