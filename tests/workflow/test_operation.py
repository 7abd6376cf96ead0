"""A model in service: versions that take over and are taken back, rehearsals, late labels, drift."""

import time

import polars as pl
import pytest

from modelwright.kernel.document import Document
from modelwright.kernel.errors import PhaseLocked, UnknownName
from modelwright.serving.router import read_routing
from modelwright.workflow.demonstration import (
    BANK,
    drift,
    drill_rollback,
    label_frame,
    open_world,
    serve_champion,
)
from modelwright.workflow.places import places_of
from modelwright.workflow.traffic import send


def standings(service):
    """The standing of every version."""
    return {version.version: version.standing for version in service.versions()}


def routed(service):
    """Who answers."""
    return read_routing(places_of(service.ports).routing).champion


def test_a_second_version_is_compared_with_the_champion_on_the_same_rows(contested):
    """Its report says so, and its card too."""
    from modelwright.evaluation.report import EvaluationReport
    from modelwright.workflow.history import fold

    history = fold(contested.ports.ledger.entries())
    report = contested.ports.store.get_record(history.completions[11].outputs["report"], EvaluationReport)
    assert {item.other for item in report.comparisons} >= {"baseline", "champion"}
    assert len(history.looks) == 2


def test_the_brake_pressed_twice_does_not_speed_up_again(contested):
    """After a promotion was taken back there is nothing more to take back."""
    contested.promote("v2", reason="urgent", at_once=True)
    assert contested.roll_back(reason="worse than told").version == "v1"
    with pytest.raises(PhaseLocked, match="nothing to roll back"):
        contested.roll_back(reason="again, to be sure")
    assert routed(contested) == "v1"
    assert standings(contested) == {"v1": "champion", "v2": "retired"}


@pytest.mark.parametrize("to", ["drill1", "v2", "v9"])
def test_traffic_goes_back_only_to_the_champion_before(contested, to):
    """The way back is no way around the gates."""
    contested.make_drill()
    contested.promote("v2", reason="urgent", at_once=True)
    with pytest.raises(UnknownName, match="v1"):
        contested.roll_back(to=to, reason="any way but this")
    assert standings(contested)["v2"] == "champion"


def test_a_single_champion_has_nothing_to_go_back_to(finished):
    """The fallback of the contract is the other answer."""
    with pytest.raises(PhaseLocked, match="nothing to roll back"):
        finished.roll_back(reason="any way but this")


def test_a_drill_is_never_promoted_nor_rolled_out_in_earnest(finished):
    """Its gates were never asked."""
    drill = finished.make_drill()
    assert (drill.version, drill.standing) == ("drill1", "drill")
    assert finished.make_drill().version == "drill2"
    with pytest.raises(PhaseLocked):
        finished.promote("drill1", reason="why not")
    with pytest.raises(PhaseLocked):
        finished.start_rollout("drill1")
    assert standings(finished)["v1"] == "champion"


def test_a_watched_rollout_waits_for_traffic_and_stops_watching_when_told(contested):
    """No data is no reason to go on."""
    contested.promote("v2", reason="better on the same rows")
    contested.start_rollout("v2")
    waited = []
    state = contested.watch_rollout(lambda seconds: waited.append(seconds) or len(waited) > 1)
    assert (state.phase, state.share, len(waited)) == ("active", 0.1, 2)
    assert contested.rollout_state() == state
    assert contested.serve_plan().version == "v1"
    assert read_routing(places_of(contested.ports).routing).challenger == "v2"


def test_nothing_is_watched_where_nothing_was_started(finished):
    """There is no rollout."""
    assert finished.watch_rollout(lambda _: True) is None
    assert finished.rollout_state() is None


def test_an_address_that_others_can_reach_needs_a_token(finished):
    """Labels and forced versions are not for everybody."""
    from dataclasses import replace

    with pytest.raises(PhaseLocked, match="token"):
        finished.serve_plan(host="0.0.0.0")  # noqa: S104 - that it is refused is the point
    guarded = replace(finished, ports=replace(finished.ports, token="made-up"))
    plan = guarded.serve_plan(host="0.0.0.0", port=8081)  # noqa: S104 - nothing is started
    assert (plan.name, plan.version, plan.host, plan.port) == ("calls", "v1", "0.0.0.0", 8081)  # noqa: S104
    token = places_of(finished.ports).token
    assert token.read_text() == "made-up"
    assert token.stat().st_mode & 0o077 == 0


def test_a_free_port_is_told_before_the_server_starts(finished):
    """Port 0 is a wish for any port; the address that is announced is the one that answers."""
    plan = finished.serve_plan(host="127.0.0.1", port=0)
    assert plan.port > 0


def test_a_monitor_without_traffic_is_an_alert_not_a_good_sign(finished):
    """A blind monitor says that it is blind."""
    report = finished.monitor()
    assert report.alerts
    assert not report.outcome.allows
    assert [entry.kind for entry in finished.entries()][-1] in {"monitor.judged", "retraining.requested"}
    assert "In operation" in finished.summary().read_text(encoding="utf-8")


def test_live_traffic_finds_the_drill_and_the_drift_and_takes_late_labels(finished):
    """One server: a bad challenger is taken back, drift is an alert, labels come late and twice."""
    with serve_champion(finished) as server:
        world = open_world(finished)
        assert len(world.rows) == len(world.outcomes) == 120
        told = []
        drilled = drill_rollback(finished, server.url, world, most=4000, tell=told.append)
        assert drilled.judgements[-1].action == "rollback"
        assert any("rollback" in line for line in told)
        assert standings(finished)[drilled.version] == "drill"
        assert routed(finished) == "v1"
        seen = drift(finished, server.url, world, by={"age": 15}, count=300, wait=time.sleep)
        answers = list(send(server.url, world.slice(0, 5).rows, prefix="late"))
    assert seen.calm == 300
    assert seen.shifted + seen.refused == 300
    assert any("age" in alert.what for alert in seen.report.alerts), (
        seen.shifted,
        seen.report.document().to_markdown(),
    )
    labels = label_frame(answers, world.outcomes[:5])
    file = finished.ports.project.root / "labels.csv"
    labels.vstack(pl.DataFrame({"request_id": ["nobody"], "label": ["yes"]})).write_csv(file)
    first = finished.add_labels(file)
    assert (first.added, first.repeated, first.unmatched) == (6, 0, 1)
    again = finished.add_labels(file)
    assert (again.added, again.repeated) == (0, 6)
    assert isinstance(finished.monitor().document(), Document)


def test_the_story_of_the_demonstration_shifts_numbers_and_nothing_else():
    """Words and truths stay as they are."""
    from modelwright.workflow.demonstration import World

    world = World(rows=({"age": 30, "job": "clerk", "known": True, "rate": 1.5},), outcomes=("yes",))
    moved = world.shifted({"age": 12, "job": 1, "known": 1, "rate": 0.5})
    assert moved.rows == ({"age": 42, "job": "clerk", "known": True, "rate": 2.0},)
    assert world.slice(0, 3).outcomes == ("yes", "yes", "yes")
    assert BANK.mode == "quick"
