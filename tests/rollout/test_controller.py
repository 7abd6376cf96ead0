"""The controller: traffic moves step by step, comes back by itself, and survives being killed."""

from dataclasses import replace
from threading import Event

import pytest
from tests.rollout.live import YES, World, contract, manifest

from modelwright.contracts.operation import RolloutStep
from modelwright.kernel.errors import IntegrityBroken, PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.registry.versions import champion, read_roster, version_of
from modelwright.rollout.judgement import JudgementPolicy
from modelwright.serving.router import Routing, write_routing


def test_a_good_challenger_takes_over_step_by_step(tmp_path):
    """Ten per cent, then all, then champion; each move in the ledger and in the routing file."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    assert (world.routing.challenger, world.routing.share, world.routing.step) == ("v2", 0.3, 1)
    world.traffic(1200)
    assert controller.tick().reason == "the step holds for 1m"
    world.later(minutes=2)
    assert controller.tick().action == "advance"
    assert world.routing.share == 1.0
    world.traffic(200)
    assert controller.tick().action == "advance"
    assert world.routing == Routing(champion="v2", salt=world.routing.salt)
    assert champion(world.ledger).version == "v2"
    assert world.kinds() == ["rollout.started", "rollout.held", "rollout.advanced", "rollout.completed"]
    assert world.ledger.verify().allows


def test_a_drill_with_random_answers_is_rolled_back(tmp_path):
    """Quality on joined labels finds a model that knows nothing, and the fallback is named by digest."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("d1", drill=True)
    assert world.routing.drill
    for _ in range(20):
        world.traffic(150, bad=True)
        if controller.tick().action == "rollback":
            break
    assert world.routing.challenger is None
    assert world.routing.champion == "v1"
    entry = list(world.ledger.entries(kinds=["rollout.rolled_back"]))[-1]
    assert entry.body["to"]["bundle_digest"] == "sha256:bundle-v1"
    assert entry.body["to"]["config_digest"] == world.contract.digest
    assert entry.body["to"]["data_dependency"] == "sha256:data"
    assert entry.body["drill"] is True
    assert version_of(world.ledger, "d1").standing == "drill"


@pytest.mark.parametrize(
    ("fault", "criterion"),
    [({"errors": 0.3}, "error rate"), ({"fallbacks": 0.3}, "fallback rate"), ({"slow": 0.3}, "p99 latency")],
)
def test_a_faulty_challenger_is_rolled_back_for_the_right_reason(tmp_path, fault, criterion):
    """Errors, fallbacks and slowness each send traffic back within a few hundred answers."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    world.traffic(500, **fault)
    judgement = controller.tick()
    assert judgement.action == "rollback"
    assert judgement.reason.startswith(criterion)
    assert world.routing.challenger is None
    assert version_of(world.ledger, "v2").standing == "rolled_back"


def test_a_fault_that_starts_late_is_not_hidden_by_a_good_past(tmp_path):
    """A long clean record dilutes an average; blocks of recent answers do not."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    world.traffic(12_000, labels=False)
    assert controller.tick().action == "hold"
    world.traffic(1500, errors=0.1, labels=False)
    assert controller.tick().action == "rollback"


def test_no_data_means_hold_on_every_path(tmp_path):
    """Without answers, or without labels, nothing advances, and the reason is written once."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    world.later(days=3)
    assert controller.tick().reason == "no answers of the challenger yet"
    controller.tick()
    world.traffic(1500, labels=False)
    judgement = controller.tick()
    assert judgement.action == "hold"
    assert "roc_auc" in judgement.reason
    controller.tick()
    assert world.kinds() == ["rollout.started", "rollout.held", "rollout.held"]


def test_labels_that_are_not_expected_are_an_assumption_in_the_ledger(tmp_path):
    """A lane that does not fit is switched off with a reason, not silently."""
    world = World(tmp_path)
    policy = JudgementPolicy(labels="not expected", reason="labels take 90 days")
    controller = world.controller(policy=policy)
    controller.start("v2", approval=YES)
    world.traffic(1500, labels=False)
    world.later(minutes=2)
    assert world.controller().tick().action == "advance"
    assert (
        next(world.ledger.entries(kinds=["rollout.started"])).body["labels_reason"] == "labels take 90 days"
    )


def test_a_controller_built_anew_goes_on_where_the_killed_one_was(tmp_path):
    """State is read from ledger and log alone; the answers are the same as without the kill."""
    world = World(tmp_path)
    world.controller().start("v2", approval=YES)
    for _ in range(4):
        world.traffic(400)
        world.controller().tick()
    world.later(minutes=2)
    world.controller().tick()
    assert world.routing.share == 1.0
    world.traffic(200)
    world.controller().tick()
    assert champion(world.ledger).version == "v2"


def test_a_kill_between_ledger_and_routing_is_put_right(tmp_path):
    """Started, advanced or completed in the ledger, and the old routing file: the file follows."""
    world = World(tmp_path)
    before = world.routing
    world.controller().start("v2", approval=YES)
    write_routing(world.places.routing, before)
    world.controller().tick()
    assert world.routing.share == 0.3
    first = world.routing
    world.traffic(1200)
    world.later(minutes=2)
    world.controller().tick()
    write_routing(world.places.routing, first)
    world.controller().tick()
    assert world.routing.share == 1.0
    full = world.routing
    world.traffic(200)
    world.controller().tick()
    write_routing(world.places.routing, full)
    world.controller().tick()
    assert (world.routing.champion, world.routing.challenger) == ("v2", None)


def test_a_kill_between_moving_traffic_back_and_writing_it_down_is_put_right(tmp_path):
    """The safe direction came first; the ledger learns of it, and the challenger gets no second chance."""
    world = World(tmp_path)
    state = world.controller().start("v2", approval=YES)
    write_routing(world.places.routing, Routing(champion="v1", salt=state.rollout))
    world.traffic(300)
    world.controller().tick()
    assert world.kinds()[-1] == "rollout.rolled_back"
    assert world.routing.challenger is None
    assert world.controller().tick().reason == "the rollout is rolled back"


def test_a_completed_rollout_is_taken_back_in_one_step(tmp_path):
    """The champion before answers again, without retraining, and its standing follows."""
    world = World(tmp_path)
    completed(world)
    target = world.controller().roll_back(to="v1", reason="complaints")
    assert (target.version, target.pipeline_digest) == ("v1", "sha256:pipeline-v1")
    assert world.routing.champion == "v1"
    assert champion(world.ledger).version == "v1"
    assert version_of(world.ledger, "v2").standing == "rolled_back"
    assert {item.version: item.standing for item in read_roster(world.places.roster)}["v1"] == "champion"
    with pytest.raises(PhaseLocked, match="nothing to roll back"):
        world.controller().roll_back(reason="again")


def test_a_kill_while_a_completed_rollout_is_taken_back_is_put_right(tmp_path):
    """Traffic was back already; ledger and standing follow."""
    world = World(tmp_path)
    rollout = completed(world)
    write_routing(world.places.routing, Routing(champion="v1", salt=f"back-from-{rollout}"))
    world.controller().tick()
    assert champion(world.ledger).version == "v1"
    assert world.kinds()[-1] == "rollout.rolled_back"


def completed(world):
    """Roll v2 out completely and return the rollout's name."""
    controller = world.controller()
    state = controller.start("v2", approval=YES)
    world.traffic(1200)
    world.later(minutes=2)
    controller.tick()
    world.traffic(200)
    controller.tick()
    assert controller.state.phase == "completed"
    return state.rollout


def test_a_rollout_that_goes_on_is_stopped_by_hand(tmp_path):
    """One call, one reason; going back to anything else is refused with the right name."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    with pytest.raises(UnknownName, match="v1"):
        controller.roll_back(to="v9", reason="typo")
    controller.roll_back(reason="the campaign ended")
    assert world.routing.challenger is None
    assert controller.tick().reason == "the rollout is rolled back"


def test_a_drill_never_receives_all_traffic(tmp_path):
    """Even a drill that answers well holds before the last step."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("d1", drill=True)
    world.traffic(1200)
    world.later(minutes=2)
    judgement = controller.tick()
    assert (judgement.action, judgement.reason) == ("hold", "a drill never receives all traffic")
    assert world.routing.share == 0.3


def test_holds_are_shorter_under_a_time_scale_and_keep_it_after_a_kill(tmp_path):
    """A demonstration runs the same plan in seconds."""
    world = World(tmp_path, time_scale=0.001)
    world.controller().start("v2", approval=YES)
    world.traffic(1200)
    world.time_scale = 1.0
    assert world.controller().tick().action == "advance"


def test_a_version_that_may_not_receive_traffic_is_refused_with_every_reason(tmp_path):
    """No gate verdict, no certificate, no approval: three lines."""
    world = World(tmp_path)
    world.register("v3", verdict="unknown")
    world.manifests["v3"] = manifest("v3", world.contract.digest)
    with pytest.raises(PhaseLocked) as refused:
        world.controller().start("v3")
    assert len(refused.value.faults) == 3
    assert world.kinds() == []


def test_another_contract_refuses_the_start(tmp_path):
    """Champion, challenger and rollout must mean the same agreement."""
    world = World(tmp_path)
    world.manifests["v2"] = replace(world.manifests["v2"], contract_digest="sha256:other")
    with pytest.raises(PhaseLocked, match="is not the champion's"):
        world.controller().start("v2", approval=YES)
    both = World(tmp_path / "both")
    for name in ("v1", "v2"):
        both.manifests[name] = replace(both.manifests[name], contract_digest="sha256:other")
    with pytest.raises(PhaseLocked, match="not the one in force"):
        both.controller().start("v2", approval=YES)


def test_drill_and_rollout_are_not_mixed_up(tmp_path):
    """A drill must be started as one, and only a drill may drill."""
    world = World(tmp_path)
    with pytest.raises(PhaseLocked, match="start it as one"):
        world.controller().start("d1", approval=YES)
    with pytest.raises(PhaseLocked, match="only a version packed as a drill"):
        world.controller().start("v2", approval=YES, drill=True)
    with pytest.raises(PhaseLocked, match="it is the champion"):
        world.controller().start("v1", approval=YES)
    whole = World(tmp_path / "whole", agreed=contract(steps=(RolloutStep(share=1.0),)))
    with pytest.raises(PhaseLocked, match="never receives all traffic"):
        whole.controller().start("d1", drill=True)


def test_an_approval_that_is_unknown_blocks(tmp_path):
    """Unknown is not yes."""
    world = World(tmp_path)
    maybe = Outcome(status=Status.UNKNOWN, what="approval", evidence=("not answered",))
    with pytest.raises(PhaseLocked, match="not answered"):
        world.controller().start("v2", approval=maybe)


def test_a_second_rollout_waits_for_the_first(tmp_path):
    """Two challengers at once cannot be told apart."""
    world = World(tmp_path)
    world.controller().start("v2", approval=YES)
    with pytest.raises(PhaseLocked, match="v2 is being rolled out"):
        world.controller().start("d1", drill=True)


def test_a_bundle_that_is_not_loaded_is_named(tmp_path):
    """The manifest is the evidence; without it there is nothing to judge by."""
    world = World(tmp_path)
    del world.manifests["v2"]
    with pytest.raises(UnknownName, match="v2"):
        world.controller().start("v2", approval=YES)


def test_a_damaged_log_holds_everything(tmp_path):
    """A line that cannot be read is not skipped: the rollout stops moving."""
    world = World(tmp_path)
    controller = world.controller()
    controller.start("v2", approval=YES)
    world.traffic(300)
    path = next(world.places.log.iterdir())
    path.write_bytes(path.read_bytes() + b"{broken\n")
    with pytest.raises(IntegrityBroken, match="cannot be read"):
        controller.tick()
    assert world.routing.share == 0.3


def test_a_run_ends_when_the_rollout_does_or_when_told(tmp_path):
    """The loop waits through what it is given, and stops on its word."""
    world = World(tmp_path)
    controller = world.controller()
    assert controller.run(Event().wait) is None
    controller.start("v2", approval=YES)
    stop = Event()
    stop.set()
    assert controller.run(stop.wait).active
    world.traffic(500, errors=0.5)
    assert controller.run(Event().wait, every=0.0).phase == "rolled back"


def test_without_a_champion_nothing_starts(tmp_path):
    """Traffic must have a place to go back to."""
    world = World(tmp_path)
    world.ledger = type(world.ledger)(clock=world.clock)
    world.register("v2")
    with pytest.raises(PhaseLocked, match="no champion"):
        world.controller().start("v2", approval=YES)
