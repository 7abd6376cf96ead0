"""Agents: whatever verb an agent types or calls, it decides nothing."""

import json
from dataclasses import replace

import click
import pytest
from tests.adversarial.refusals import refused
from tests.workflow.projects import AGENT, service_in

from modelwright.authority.actor import ActorKind
from modelwright.kernel.errors import ApprovalRefused, ExitCode, ModelwrightError
from modelwright.surfaces.cli.main import cli
from modelwright.workflow.service import Service

DECISIONS = (
    "approval.given",
    "contract.amended",
    "version.promoted",
    "waiver.given",
    "glass.broken",
    "override.given",
    "identity.enrolled",
    "identity.revoked",
)
"""Kinds of entries that a person's decision writes."""


def decided(service):
    """Every decision the ledger holds."""
    return [entry.digest for entry in service.entries() if entry.kind in DECISIONS]


def verbs(command, path=()):
    """Every verb of the command line, as words."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from verbs(command.get_command(context, name), (*path, name))
    else:
        yield path, command


VERBS = {
    " ".join(path): (path, command)
    for path, command in verbs(cli)
    if path[0] not in {"demo", "completion", "schema"} and path[-1] not in {"serve", "watch"}
}
"""All of them, but for those that make a project of their own, serve without end, or print what is fixed."""

KNOWN = {
    "phase": "6", "version": "v1", "bundle": ".modelwright/bundles/calls-v1.mwb", "source": "calls.parquet",
    "target": "out.parquet", "subject": "promotion:v1", "reason": "looks good to me", "name": "helper",
    "data": "calls.parquet", "days": "3", "until": "2027-01-01", "expires": "2027-01-01", "seconds": "0.1",
    "risk": "LEAK-TIMING:seconds", "finding": "LEAK-TIMING:seconds", "port": "0",
}  # fmt: skip
"""What an agent would type for an argument or a required option of this name."""


def typed_words(command, service):
    """Words that are enough for a command to begin: its arguments and its required options."""
    words = []
    for parameter in command.params:
        value = KNOWN.get(parameter.name, "1")
        path = service.ports.project.root / value
        value = str(path) if path.exists() or value.endswith(".parquet") else value
        if isinstance(parameter, click.Argument):
            words.append(value)
        elif parameter.required or parameter.name == "reason":
            words += [parameter.opts[0], value]
    return words


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_of_the_command_line_lets_an_agent_decide(verb, finished, typed, monkeypatch):
    """A new command is in this list by itself: typed by an agent, it leaves no decision in the ledger."""
    monkeypatch.chdir(finished.ports.project.root)
    before = decided(finished)
    path, command = VERBS[verb]
    code, told = typed(finished, *path, *typed_words(command, finished), actor="agent:coder")
    assert decided(finished) == before
    assert code in {*range(9)} - {int(ExitCode.OUR_FAULT)}, told
    if code in {ExitCode.LOCKED, ExitCode.USER_FAULT} and "Usage:" not in told:
        assert "Next: " in told or "next_step" in told, told


ATTEMPTS = {
    "approve": lambda service: service.approve(6, reason="looks right"),
    "refuse": lambda service: service.refuse(6, reason="does not look right"),
    "request_changes": lambda service: service.request_changes(6, reason="please change"),
    "amend": lambda service: service.amend(reason="better"),
    "promote": lambda service: service.promote("v1", reason="gates passed"),
    "promote at once": lambda service: service.promote("v1", reason="gates passed", at_once=True),
}
"""Verbs of the Python door that decide."""


@pytest.mark.parametrize("verb", ATTEMPTS)
def test_no_verb_of_the_python_door_lets_an_agent_decide(verb, finished):
    """The same service stands behind every surface; the actor comes along."""
    agent = service_in(finished.ports.project.root, actor=AGENT)
    if verb == "amend":
        contract = finished.ports.project.contract_file
        contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    before = decided(finished)
    error = refused(ATTEMPTS[verb], agent, kind=ApprovalRefused)
    assert "person" in error.next_step
    assert decided(finished) == before


def test_an_agent_is_never_asked_for_an_answer(designed):
    """On a terminal, too, the question goes to people only."""
    from modelwright.workflow.asking import may_answer

    assert not may_answer(service_in(designed.ports.project.root, actor=AGENT).ports)
    assert may_answer(designed.ports)


def test_an_agent_may_run_what_is_open_and_stops_where_a_person_must_decide(young):
    """It can work; it cannot wave its own work through."""
    agent = service_in(young.ports.project.root, actor=AGENT)
    result = agent.run()
    assert (result.ended, result.phase) == ("waiting", 1)
    refused(agent.approve, 1, reason="my own understanding is right", kind=ApprovalRefused)
    young.approve(1, reason="read")
    assert agent.run().phase == 3


def test_a_run_by_an_agent_says_so_for_ever(young):
    """Whose hands trained a model stands in every completion."""
    agent = service_in(young.ports.project.root, actor=AGENT)
    agent.run()
    completed = [entry for entry in young.entries() if entry.kind == "phase.completed"]
    assert {entry.actor.kind for entry in completed} == {ActorKind.AGENT}


def test_a_kind_spelled_another_way_is_still_an_agent_or_nothing(designed, typed):
    """`AGENT:coder` is an agent, `agnet:coder` and `bot:coder` are refused: none passes for a person."""
    for spelling in ("AGENT:coder", " agent:coder", "Agent : coder", "agnet:coder", "bot:coder"):
        before = decided(designed)
        code, told = typed(designed, "approve", "6", "--reason", "fine", actor=spelling)
        assert code in {ExitCode.LOCKED, ExitCode.USER_FAULT}
        assert "Next: " in told
        assert decided(designed) == before


def test_no_command_takes_a_passphrase_from_an_argument_a_variable_or_a_pipe():
    """There is no option for it, and no setting."""
    from modelwright.settings import SETTINGS

    options = {option for _, command in verbs(cli) for item in command.params for option in item.opts}
    # `--password-from` names the variable or file that holds the password of a database, for `init`.
    assert [option for option in options if "pass" in option] == ["--password-from"]
    assert not [name for name in SETTINGS if "PASSPHRASE" in name]


def test_an_agent_that_reads_the_answers_as_json_finds_no_way_to_give_one(designed, typed):
    """What `run --json` hands a program is a question, and the command that a person has to type."""
    code, told = typed(designed, "run", "--json", "--no-input", actor="agent:coder")
    asked = json.loads(told)
    assert code == ExitCode.WAITING
    assert asked["answer_with"].startswith("modelwright")
    code, told = typed(
        designed, *asked["answer_with"].split()[3:], "--reason", "as told", actor="agent:coder"
    )
    assert code == ExitCode.LOCKED


def test_the_service_has_no_way_to_change_who_acts(finished):
    """Frozen: another actor needs another service, made by who holds the surroundings."""
    for attempt in (
        lambda: setattr(finished.ports, "actor", AGENT),
        lambda: setattr(finished, "ports", replace(finished.ports, actor=AGENT)),
    ):
        with pytest.raises((AttributeError, TypeError)):
            attempt()
    assert issubclass(ApprovalRefused, ModelwrightError)
    assert not [name for name in dir(Service) if "actor" in name]
