"""Phases 1 to 3 on a small real table: what is found, asked, answered, and refused."""

import pytest
from tests.workflow.projects import AGENT, LEAD, calls, drafted, service_in

from modelwright.kernel.errors import (
    ApprovalRefused,
    ContractInvalid,
    DataInvalid,
    PhaseLocked,
    ProjectBusy,
    UnknownName,
    UserFault,
)
from modelwright.risk.register import RiskList
from modelwright.workflow.history import fold


@pytest.fixture
def project(tmp_path):
    """A drafted project."""
    return drafted(tmp_path / "calls")


def risks_of(service):
    """The risk list that phase 3 left behind."""
    completion = fold(service.ports.ledger.entries()).completions[3]
    return service.ports.store.get_record(completion.outputs["risks"], RiskList)


def to_phase_3(service):
    """Run up to the question after phase 3."""
    service.run()
    service.approve(1, reason="read and agreed")
    return service.run()


def test_a_run_stops_after_phase_1_for_a_person(project):
    """The requirements are confirmed before anything else happens."""
    result = project.run()
    assert (result.ended, result.phase, result.ran) == ("waiting", 1, (1,))
    assert project.status().phases[0].state == "waiting"


def test_phases_are_announced_in_order_and_kept_when_up_to_date(project):
    """A second run keeps what the first did."""
    told = []
    project.run(listener=lambda what, phase, _: told.append((what, phase.number)))
    project.approve(1, reason="read and agreed")
    project.run(listener=lambda what, phase, _: told.append((what, phase.number)))
    assert told == [
        ("announce", 1),
        ("done", 1),
        ("kept", 1),
        ("announce", 2),
        ("done", 2),
        ("announce", 3),
        ("done", 3),
    ]


def test_the_leak_is_found_and_taken_out_by_a_recorded_decision(project):
    """`seconds` is known only after the call."""
    to_phase_3(project)
    leaks = {risk.id: risk for risk in risks_of(project).risks if "seconds" in risk.columns}
    assert any(name.startswith("LEAK") for name in leaks)
    worst = max(leaks.values(), key=lambda risk: risk.finding.severity.rank)
    entry = project.approve(3, choices={worst.id: "modify"}, reason="known only after the call")
    assert entry.body["approval"]["choices"][worst.id] == "modify"


def test_a_page_is_written_for_every_phase_that_ran(project):
    """HTML for people, Markdown for pull requests."""
    to_phase_3(project)
    for number in (1, 2, 3):
        page = project.page_of(number)
        assert "<h1>" in page.read_text(encoding="utf-8")
        assert page.with_suffix(".md").read_text(encoding="utf-8").startswith("# ")


def test_phase_7_forced_open_is_refused_and_the_next_step_is_named(project):
    """It is locked until the design is approved."""
    project.run()
    with pytest.raises(PhaseLocked, match="approve 1"):
        project.run(only=7)


def test_a_phase_in_the_middle_cannot_be_jumped_to(project):
    """Every phase stands on the ones before it."""
    with pytest.raises(PhaseLocked, match="modelwright run"):
        project.run(only=3)


def test_an_agent_cannot_answer(project):
    """It may run phases; people decide."""
    project.run()
    agent = service_in(project.ports.project.root, actor=AGENT)
    with pytest.raises(ApprovalRefused, match="person"):
        agent.approve(1, reason="looks good to me")
    assert project.status().phases[0].state == "waiting"


def test_an_answer_to_a_phase_that_asks_nothing_is_refused(project):
    """Phase 2 shows facts only."""
    with pytest.raises(PhaseLocked, match="asks nothing"):
        project.approve(2, reason="fine")


def test_an_answer_before_anything_was_shown_is_refused(project):
    """An approval is bound to what was seen."""
    with pytest.raises(PhaseLocked, match="nothing to answer"):
        project.approve(1, reason="trust me")


def test_a_rejection_keeps_the_run_where_it_is(project):
    """The reason is shown until it is answered anew."""
    project.run()
    project.refuse(1, reason="the goal is not ours")
    result = project.run()
    assert (result.ended, result.phase) == ("waiting", 1)
    assert "the goal is not ours" in result.message


def test_asking_for_changes_needs_a_reason(project):
    """Whoever changes it has to know what is wrong."""
    project.run()
    with pytest.raises((UserFault, ApprovalRefused), match="reason"):
        project.request_changes(1, reason="")


@pytest.mark.parametrize(
    ("choices", "told"),
    [({"LEAK-TIMNG:seconds": "modify"}, "did you mean"), ({"everything": "shrug"}, "no such risk")],
)
def test_choices_that_fit_no_risk_are_refused(project, choices, told):
    """The nearest risk is offered."""
    to_phase_3(project)
    with pytest.raises(UserFault, match=told):
        project.approve(3, choices=choices, reason="as shown")


def test_an_unknown_action_on_a_risk_is_refused(project):
    """Accept, modify or block."""
    to_phase_3(project)
    name = risks_of(project).risks[0].id
    with pytest.raises(UserFault, match="accept, modify or block"):
        project.approve(3, choices={name: "ignore"}, reason="as shown")


def test_a_blocked_risk_stops_phase_4(project):
    """Block means block."""
    to_phase_3(project)
    name = risks_of(project).risks[0].id
    project.approve(3, choices={name: "block"}, reason="not with this data")
    with pytest.raises(PhaseLocked, match="stop the design"):
        project.run()


def test_choices_where_none_are_offered_are_refused(project):
    """Phase 1 is a plain yes or no."""
    project.run()
    with pytest.raises(UserFault, match="offers no choice"):
        project.approve(1, choices={"design": "frontier"}, reason="as shown")


def test_an_edit_of_the_contract_before_the_freeze_makes_phases_stale(project):
    """Everything stands on the contract."""
    project.run()
    project.approve(1, reason="read and agreed")
    contract = project.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    assert project.status().phases[0].state == "stale"


def test_an_amendment_before_the_freeze_is_refused(project):
    """There is nothing to amend yet."""
    with pytest.raises(UserFault, match="not frozen"):
        project.amend(reason="changed our minds")


def test_changed_data_is_noticed_by_status(project):
    """The snapshot no longer tells what the source holds."""
    to_phase_3(project)
    calls(seed=6).write_parquet(project.ports.project.root / "calls.parquet")
    states = {line.phase: line.state for line in project.status().phases}
    assert (states[1], states[2], states[3]) == ("done", "stale", "stale")


def test_data_that_breaks_the_contract_stops_phase_2_with_every_fault(project):
    """Two columns break their ranges."""
    project.run()
    project.approve(1, reason="read and agreed")
    table = calls()
    import polars as pl

    broken = table.with_columns(pl.lit(-5).alias("age"), pl.lit("pilot").alias("job"))
    broken.write_parquet(project.ports.project.root / "calls.parquet")
    with pytest.raises(DataInvalid, match="age") as caught:
        project.run()
    assert "job" in str(caught.value)


def test_a_second_run_at_the_same_time_is_told_who_is_at_work(project):
    """One writer in a project."""
    with project.ports.lock(), pytest.raises(ProjectBusy):
        project.run()


def test_a_contract_is_not_drafted_over_another(project):
    """What was agreed is not lost by accident."""
    data = project.ports.project.root / "calls.parquet"
    with pytest.raises(UserFault, match="already"):
        project.init("calls", data=data, target="bought")
    assert project.init("calls", data=data, target="bought", force=True).digest


def test_an_unknown_mode_is_refused_before_anything_is_written(tmp_path):
    """The nearest mode is offered."""
    with pytest.raises(UnknownName, match="quick"):
        drafted(tmp_path / "calls", mode="quik")
    assert not (tmp_path / "calls" / "contract.yaml").exists()


def test_a_folder_without_a_contract_names_the_first_command(tmp_path):
    """What to type is part of the message."""
    with pytest.raises(UserFault, match="modelwright init"):
        service_in(tmp_path).status()


def test_a_broken_contract_lists_its_faults_and_runs_nothing(project):
    """All faults at once."""
    contract = project.ports.project.contract_file
    contract.write_text(contract.read_text().replace("goal:", "gaol:"))
    with pytest.raises(ContractInvalid, match="goal"):
        project.run()
    assert not fold(project.ports.ledger.entries()).completions


def test_the_compact_has_nineteen_fields_and_calls_out_what_nobody_said(project):
    """Unknowns are named, not filled in."""
    text = project.contracts.compact().document().to_markdown()
    assert text.count("- **") == 19
    assert "Not stated yet" in text


def test_a_capsule_fills_in_phase_1(project):
    """Goal, constraints, key files and risks are read from it."""
    folder = project.ports.project.root / ".phase0" / "capsules" / "calls-ml"
    folder.mkdir(parents=True)
    (folder / "capsule.yaml").write_text(
        "version: '1.0'\nslug: calls-ml\ngoal: Fewer calls in vain\nconstraints: [no personal data in logs]\n"
    )
    told = {}
    project.run(capsule="calls-ml", listener=lambda _, __, outputs: told.update(outputs))
    text = told["requirements"].document().to_markdown()
    assert "Capsule 'calls-ml' was loaded" in text
    assert "no personal data in logs" in text


def test_a_capsule_outside_its_folder_is_refused(project):
    """A slug is a name, not a path."""
    with pytest.raises(UserFault):
        project.run(capsule="../../etc")


def test_the_actor_of_every_entry_is_on_the_record(project):
    """Who did it, in which role."""
    to_phase_3(project)
    assert {entry.actor for entry in project.entries()} == {LEAD}
