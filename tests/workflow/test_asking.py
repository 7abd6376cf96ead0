"""What a person is asked: the question, what there is to choose, and how the answer is typed."""

import pytest
from tests.workflow.projects import AGENT, service_in

from modelwright.kernel.errors import ModelwrightError, PhaseLocked, UnknownName, UserFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.workflow.asking import asked, may_answer
from modelwright.workflow.highlights import designs_at_once, highlight, risks_at_once
from modelwright.workflow.history import fold
from modelwright.workflow.pages import MAIN_OUTPUT
from modelwright.workflow.phases import phase_of


def shown(service, phase, kind):
    """The main record that a phase showed."""
    completion = fold(service.ports.ledger.entries()).completions[phase]
    return service.ports.store.get_record(completion.outputs[MAIN_OUTPUT[phase]], kind)


def test_a_plain_question_has_no_choices(finished):
    """Yes or no, and how to type yes."""
    told = asked(finished.ports, 1)
    assert told.choices == ()
    assert told.words == ("approve", "1")
    assert told.question == phase_of(1).question


def test_risks_are_put_one_by_one_worst_first_with_what_is_proposed(finished):
    """The leak is among them; lesser risks are counted, not asked."""
    told = asked(finished.ports, 3)
    leak = next(choice for choice in told.choices if "seconds" in choice.key)
    assert leak.options == ("accept", "modify", "block")
    assert leak.words == ("--risk", f"{leak.key}={leak.proposed}")
    assert leak.text.startswith(("critical", "high"))
    assert told.lesser >= 0
    assert set(leak.words) <= set(told.words)


def test_the_designs_are_offered_with_the_recommendation_as_default(finished):
    """Only a spoken choice counts."""
    told = asked(finished.ports, 4)
    (design,) = told.choices
    assert told.explicit
    assert design.options == ("baseline", "pragmatic", "frontier")
    assert design.proposed in design.options
    assert design.words == ("--choose", design.proposed)


def test_the_review_may_be_answered_with_names_of_findings(finished):
    """All, none, or ids."""
    (fix,) = asked(finished.ports, 10).choices
    assert fix.open_ended
    assert fix.options == ("all", "none")


def test_only_people_are_offered_to_answer(finished):
    """An agent is never asked."""
    assert may_answer(finished.ports)
    assert not may_answer(service_in(finished.ports.project.root, actor=AGENT).ports)


def test_of_risks_and_designs_a_table_is_shown_at_once(finished):
    """The page holds the rest."""
    from modelwright.candidates.design import Proposals
    from modelwright.risk.register import RiskList

    risks, proposals = shown(finished, 3, RiskList), shown(finished, 4, Proposals)
    assert highlight(phase_of(3), {"risks": risks}) == risks_at_once(risks)
    assert highlight(phase_of(4), {"proposals": proposals}) == designs_at_once(proposals)
    assert proposals.recommended in designs_at_once(proposals).to_markdown()
    assert highlight(phase_of(3), {"risks": proposals}) is None
    assert highlight(phase_of(4), {"proposals": risks}) is None


def test_of_other_phases_the_main_record_is_shown(finished):
    """What a person reads first."""
    from modelwright.gates.verdict import Verdict

    verdict = shown(finished, 11, Verdict)
    assert highlight(phase_of(11), {"verdict": verdict}) == verdict.document()
    assert highlight(phase_of(11), {"verdict": Outcome(status=Status.PASSED, what="")}) is None


def test_many_risks_are_cut_to_the_worst(finished):
    """The page holds the lesser ones."""
    from dataclasses import replace

    from modelwright.risk.register import RiskList

    risks = shown(finished, 3, RiskList)
    many = replace(risks, risks=risks.risks * 20, questions=("Is the row order the order of time?",))
    text = risks_at_once(many).to_markdown()
    assert "lesser risks stand in the page" in text
    assert "Is the row order the order of time?" in text


def test_a_design_has_to_be_named(finished):
    """Nobody else may choose."""
    with pytest.raises(UserFault, match="needs a choice"):
        finished.approve(4, reason="any")
    with pytest.raises(UnknownName, match="pragmatic"):
        finished.approve(4, choices={"design": "pragmatc"}, reason="typo")


def test_a_risk_is_never_accepted_without_a_reason(finished):
    """Silence is no reason."""
    with pytest.raises(ModelwrightError, match="reason"):
        finished.approve(3, choices={asked(finished.ports, 3).choices[0].key: "accept"}, reason=" ")


def test_an_unknown_finding_is_refused(finished):
    """Ids come from the review."""
    with pytest.raises(UserFault, match="finding"):
        finished.approve(10, choices={"fix": "NOT-THERE:train.py"}, reason="typo")


def test_the_present_contract_can_be_asked_for(finished):
    """The agreement demands the frozen one."""
    assert finished.agreement().digest == finished.check().digest


def test_an_answer_to_an_open_phase_is_refused(finished):
    """An amended contract makes what was shown old."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="the campaign moved")
    with pytest.raises(PhaseLocked, match="nothing to answer"):
        finished.approve(10, choices={"fix": "none"}, reason="as before")
