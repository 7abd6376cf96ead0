"""Drafting through the service: what is asked, and how files are written down."""

from pathlib import Path

import pytest
from tests.workflow.projects import calls, drafted, service_in

from modelwright.kernel.errors import PhaseLocked, UnknownName
from modelwright.workflow.service import contract_schema


def written(path):
    """A table in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    calls(120).write_parquet(path)
    return path


def source_of(service):
    """How the contract names its source."""
    return service.check().contract.data.sources[0].path


@pytest.mark.parametrize(
    ("place", "shown"), [("calls/in/a.parquet", "in/a.parquet"), ("shared/a.parquet", "../shared/a.parquet")]
)
def test_a_nearby_table_is_named_relative_to_the_project(tmp_path, place, shown):
    """So that both can move together."""
    data = written(tmp_path / place)
    service = service_in(tmp_path / "calls")
    service.init("calls", data=data, target="bought")
    assert source_of(service) == shown


def test_a_far_table_is_named_as_it_is(tmp_path):
    """Many folders up nothing belongs together."""
    data = written(tmp_path / "a.parquet")
    service = service_in(tmp_path / "very" / "far" / "away" / "from" / "calls")
    service.init("calls", data=data, target="bought")
    assert Path(source_of(service)) == data.resolve()


def test_what_the_table_cannot_tell_is_asked(tmp_path):
    """With a default each."""
    data = written(tmp_path / "calls" / "a.parquet")
    keys = {question.key for question in service_in(tmp_path / "calls").questions(data, target="bought")}
    assert {"goal", "owner"} <= keys
    with pytest.raises(UnknownName, match="bought"):
        service_in(tmp_path / "calls").questions(data, target="bougth")


def test_the_schema_of_the_contract_lies_beside_it(tmp_path):
    """For editors."""
    service = drafted(tmp_path / "calls")
    assert (service.ports.project.store / "contract.schema.json").exists()
    assert contract_schema()["title"] == "Contract"


def test_nothing_can_be_reproduced_before_it_was_trained(tmp_path):
    """Phase 8 trains."""
    with pytest.raises(PhaseLocked, match="no run to reproduce"):
        drafted(tmp_path / "calls").reproduce()


def test_nothing_can_be_served_before_it_was_promoted(tmp_path):
    """Only a promoted version answers."""
    service = drafted(tmp_path / "calls")
    assert service.verdict_passed() is None
    with pytest.raises(PhaseLocked, match="no champion"):
        service.serve_plan()


def test_a_finished_phase_leaves_nothing_to_run_alone(tmp_path):
    """A single phase may be run when it is its turn, and kept when it is up to date."""
    service = drafted(tmp_path / "calls")
    first = service.run(only=1)
    assert (first.ended, first.ran) == ("waiting", (1,))
    service.approve(1, reason="read and agreed")
    again = service.run(only=1)
    assert (again.ended, again.ran) == ("reached", ())
