"""References: the columns that checks look values up in."""

import polars as pl
import pytest
from tests.data.tables import CALLS, contract_of

from modelwright.data.reference import read_references
from modelwright.kernel.errors import DataInvalid

DATA = {"references": {"jobs": {"path": "jobs.csv"}, "unused": {"path": "gone.csv"}}}


def test_only_the_columns_that_checks_name_are_read(tmp_path):
    """Each value once."""
    pl.DataFrame({"name": ["clerk", "student", "clerk"], "pay": [1, 2, 3]}).write_csv(tmp_path / "jobs.csv")
    contract = contract_of(CALLS, checks=["y = 'yes' implies refers(job, 'jobs.name')"], **DATA)
    found = read_references(contract, root=tmp_path)
    assert {name: values.to_list() for name, values in found.items()} == {"jobs.name": ["clerk", "student"]}


def test_columns_that_are_not_there_are_told_at_once(tmp_path):
    """With the nearest name."""
    pl.DataFrame({"name": ["clerk"]}).write_csv(tmp_path / "jobs.csv")
    checks = ["refers(job, 'jobs.nmae')", "refers(y, 'jobs.zzz')"]
    with pytest.raises(DataInvalid) as caught:
        read_references(contract_of(CALLS, checks=checks, **DATA), root=tmp_path)
    assert [fault.next_step for fault in caught.value.faults] == [
        "did you mean 'jobs.name'?",
        "name a column of that table",
    ]
