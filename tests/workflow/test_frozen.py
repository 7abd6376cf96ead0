"""The frozen contract is demanded again at every joint; none takes another one's word for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.evaluation.samples import contract_of
from tests.gates.test_judge import report_for
from tests.rollout.live import CONTROLLER, YES, World, contract
from tests.workflow.conftest import copied

from modelwright.contracts.contract import Contract
from modelwright.gates.judge import judge
from modelwright.kernel.errors import ContractChanged
from modelwright.kernel.outcome import Outcome, Status
from modelwright.monitoring.evidence import Watched
from modelwright.monitoring.monitor import monitor
from modelwright.registry.bundle import load
from modelwright.registry.versions import promote, register, version_of
from modelwright.rollout.state import read_state
from modelwright.serving.admission import admit

OTHER = "sha256:" + "9" * 64


def lenient():
    """A contract under which chance alone holds no step."""
    return contract(max_quality_drop=0.5)


def test_the_gate_judges_nothing_under_a_contract_that_was_not_frozen():
    """Every line is unknown, whatever the figures say."""
    agreed = contract_of(gates=("roc_auc >= 0.5",))
    report = report_for(agreed)
    told = {"declared_before_training": True, "champion": False}
    assert judge(agreed, report, **told, frozen_digest=agreed.digest).allows
    for frozen in (OTHER, ""):
        verdict = judge(agreed, report, **told, frozen_digest=frozen)
        assert verdict.outcome.status is Status.UNKNOWN
        assert "not the one that was frozen" in verdict.lines[0].outcome.evidence[0]


def test_the_gate_asks_for_a_report_even_when_all_lines_are_about_speed():
    """A model of which nothing is known but its latency is not judged."""
    agreed = contract_of(gates=("point p95_latency <= 80ms",))
    verdict = judge(
        agreed, None, measurements={"p95_latency": 5.0}, declared_before_training=True, champion=False
    )
    assert verdict.lines[0].outcome.allows
    assert verdict.outcome.status is Status.UNKNOWN


def test_a_condition_beside_the_lines_stops_the_model_like_a_line():
    """And the page says which."""
    agreed = contract_of(gates=("roc_auc >= 0.5",))
    stop = Outcome(status=Status.FAILED, what="LEAK:x is fixed or waived", evidence=("expired",))
    verdict = judge(
        agreed,
        report_for(agreed),
        declared_before_training=True,
        champion=False,
        conditions=(stop,),
        downgraded=("amended after training began",),
    )
    assert verdict.outcome.status is Status.FAILED
    assert verdict.told == "failed, downgraded"
    page = verdict.document().to_markdown()
    assert "it is not shown that LEAK:x is fixed or waived" in page
    assert "amended after training began" in page


def test_the_registry_enters_and_promotes_only_under_the_contract_in_force(tmp_path):
    """Registration and promotion each compare for themselves."""
    world = World(tmp_path)
    version = replace(version_of(world.ledger, "v2"), version="v3", standing="registered")
    with pytest.raises(ContractChanged, match="cannot be registered"):
        register(world.ledger, version, actor=CONTROLLER, purpose="serve", agreed=OTHER)
    with pytest.raises(ContractChanged, match="cannot be promoted"):
        promote(world.ledger, "v2", approval=YES, actor=CONTROLLER, reason="new", agreed=OTHER)
    agreed = world.contract.digest
    promote(world.ledger, "v2", approval=YES, actor=CONTROLLER, reason="new", agreed=agreed)


def test_every_step_of_a_rollout_asks_again_and_the_brake_works_all_the_same(tmp_path):
    """A controller that holds to another contract judges nothing and moves nothing."""
    world = World(tmp_path)
    world.controller().start("v2", approval=YES)
    steps = world.contract.rollout.model_copy(update={"max_error_rate": 0.5})
    agreed = world.contract
    world.contract = Contract.model_validate({**agreed.model_dump(), "rollout": steps.model_dump()})
    with pytest.raises(ContractChanged, match="did not begin under the contract"):
        world.controller().tick()
    assert read_state(world.ledger).active
    world.contract = agreed
    world.manifests["v2"] = replace(world.manifests["v2"], contract_digest=OTHER)
    with pytest.raises(ContractChanged, match="the bundle of v2"):
        world.controller().tick()
    world.controller().roll_back(reason="the contracts differ")
    assert not read_state(world.ledger).active


def test_a_step_is_taken_only_while_people_permit_it_and_a_verdict_stands(tmp_path):
    """What expired since the last step holds the next one, with the reason."""
    world = World(tmp_path, agreed=lenient())
    no = Outcome(status=Status.FAILED, what="v2 may go on", evidence=("a waiver has expired",))
    world.controller().start("v2", approval=YES)
    world.traffic(900)
    world.later(minutes=2)
    held = world.controller(permit=lambda name: no).tick()
    assert (held.action, held.reason) == ("hold", "no further step is allowed: a waiver has expired")
    assert world.controller(permit=lambda name: YES).tick().action == "advance"


def test_a_broken_glass_carries_a_rollout_only_while_it_holds(tmp_path):
    """Started within its time, held after it."""
    world = World(tmp_path, agreed=lenient())
    world.register("v4", verdict="failed")
    until = world.clock.now() + timedelta(hours=1)
    world.ledger.append(
        "version.certified", {"version": "v4"}, actor=CONTROLLER, artifacts={"certificate": "sha256:c"}
    )
    world.ledger.append(
        "override.given",
        {"version": "v4", "in_force_until": until.isoformat()},
        actor=CONTROLLER,
        artifacts={"bundle": "sha256:bundle-v4"},
    )
    world.manifests["v4"] = replace(world.manifests["v2"], version="v4")
    out = Outcome(status=Status.PASSED, what="v4 goes out by a broken glass", evidence=("by the lead",))
    world.controller().start("v4", approval=YES, override=out)
    world.traffic(900)
    world.later(minutes=2)
    assert world.controller().tick().action == "advance"
    world.later(hours=2)
    world.traffic(900)
    held = world.controller().tick()
    assert held.action == "hold"
    assert "held until" in held.reason


@pytest.fixture(scope="module")
def champion_bundle(finished_template, tmp_path_factory):
    """The bundle of a finished project, and its version."""
    service = copied(finished_template, tmp_path_factory.mktemp("joints"))
    (version,) = service.versions()
    return service, version, load(service.ports.project.store / version.path)


def test_the_server_admits_only_what_roster_bundle_and_callers_agree_on(champion_bundle):
    """Three digests, one contract."""
    service, version, bundle = champion_bundle
    folder, agreed = service.ports.project.store, bundle.manifest.contract_digest
    assert admit(version, folder=folder, contract_digest=agreed).digest == bundle.digest
    with pytest.raises(ContractChanged, match="made under another contract"):
        admit(version, folder=folder, contract_digest=OTHER)
    with pytest.raises(ContractChanged, match="registered under another contract"):
        admit(replace(version, contract_digest=OTHER), folder=folder, contract_digest=agreed)


def test_the_monitor_watches_only_what_was_registered_under_its_contract(champion_bundle):
    """The ledger's digest against the bundle's."""
    service, _, bundle = champion_bundle
    now = service.ports.clock.now()
    with pytest.raises(ContractChanged, match="registered under another contract"):
        monitor(Watched.of(bundle, agreed=OTHER), log=None, sketches=(), labels=None, now=now)
