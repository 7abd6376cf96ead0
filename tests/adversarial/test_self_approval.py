"""Self-approval: whoever made a thing does not wave it through where somebody else is asked for."""

import shutil
from dataclasses import replace

import pytest
from tests.adversarial.refusals import refused
from tests.workflow.conftest import walk
from tests.workflow.projects import LEAD, SECOND, drafted, service_in

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import ApprovalRefused, ContractChanged, PhaseLocked
from modelwright.testing.people import MemoryKeys, card_of, signer_named
from modelwright.workflow.identities import enrol


@pytest.fixture(scope="module")
def strict_folder(tmp_path_factory):
    """A project in enterprise mode that waits for the approval of its design; never changed."""
    root = tmp_path_factory.mktemp("strict") / "calls"
    drafted(root, mode="enterprise")
    service = service_in(root, signing=True)
    walk(service, until=5)
    service.run(until=6)
    return root


@pytest.fixture
def strict(strict_folder, tmp_path):
    """The project, to be attacked at will."""
    shutil.copytree(strict_folder, tmp_path / "calls")
    shutil.copytree(strict_folder.parent / "home", tmp_path / "home")
    return service_in(tmp_path / "calls", signing=True)


def under(service, actor):
    """The project, opened under another spelling by who holds the lead's key."""
    keys = MemoryKeys(signer_named(LEAD.name, role=LEAD.role))
    return replace(service, ports=replace(service.ports, actor=actor, keys=keys))


@pytest.mark.parametrize("name", ["lead", "Lead", " lead ", "LEAD", "lead\t", "le\u0430d"])
def test_the_author_does_not_approve_the_design_under_any_spelling_of_the_name(strict, name):
    """Capitals, blanks and letters that look alike do not make another person."""
    same = Actor(kind=ActorKind.PERSON, name=name, role="owner")
    error = refused(under(strict, same).approve, 6, reason="mine", kind=ApprovalRefused)
    assert error.next_step


def test_a_role_does_not_make_another_person(strict):
    """The lead as auditor is still the lead."""
    auditor = Actor(kind=ActorKind.PERSON, name=LEAD.name, role="auditor")
    refused(under(strict, auditor).approve, 6, reason="mine", kind=ApprovalRefused)


def test_a_key_of_one_s_own_making_does_not_make_another_person(strict):
    """A second key that nobody vouched for answers for nobody."""
    ghost = service_in(
        strict.ports.project.root, actor=Actor(kind=ActorKind.PERSON, name="ghost"), signing=True
    )
    error = refused(ghost.approve, 6, reason="I am somebody else", kind=ApprovalRefused)
    assert "enrolled by lead" in error.next_step


def test_a_softer_mode_in_the_contract_voids_what_was_approved_in_the_stricter_one(strict):
    """An edit of the mode is an edit of the contract: every answer so far was about another one."""
    contract = strict.ports.project.contract_file
    contract.write_text(contract.read_text().replace("mode: enterprise", "mode: quick"))
    refused(strict.approve, 6, reason="quick now", kind=PhaseLocked)
    result = strict.run()
    assert (result.ended, result.phase) == ("waiting", 1)


def test_a_nameless_person_does_not_approve(strict):
    """Who has no name cannot be asked later."""
    nobody = Actor(kind=ActorKind.PERSON, name="  ")
    refused(under(strict, nobody).approve, 6, reason="me", kind=ApprovalRefused)


def test_an_approval_without_a_reason_is_none(designed):
    """Two letters are no reason either."""
    for reason in ("", "   ", "ok"):
        error = refused(designed.approve, 6, reason=reason, kind=ApprovalRefused, says="no reason")
        assert "say why" in error.next_step


def test_the_author_alone_does_not_amend_the_mode_away(tmp_path):
    """From standard to quick, amended by its author alone, would let one person wave all through."""
    root = tmp_path / "calls"
    drafted(root, mode="standard")
    lead = service_in(root, signing=True)
    walk(lead, until=5)
    lead.run(until=6)
    owner = Actor(kind=ActorKind.PERSON, name=SECOND.name, role=SECOND.role)
    enrol(
        lead.ports, card_of(signer_named(SECOND.name, role=SECOND.role)), reason="the owner of the decision"
    )
    service_in(root, actor=owner, signing=True).approve(6, reason="read and agreed")
    lead.run(until=6)
    contract = lead.ports.project.contract_file
    contract.write_text(contract.read_text().replace("mode: standard", "mode: quick"))
    error = refused(lead.amend, reason="quick now", kind=ApprovalRefused)
    assert error.next_step
    refused(lead.run, kind=ContractChanged)


def test_the_mode_of_a_frozen_contract_is_not_edited_away(finished):
    """After the freeze an edit of the mode stops everything until it is amended in the open."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("mode: quick", "mode: standard"))
    error = refused(finished.run, kind=ContractChanged)
    assert "amend" in error.next_step
