"""One finished project, run once, and copies of it for tests that change something."""

import shutil

import pytest
from tests.workflow.projects import LEAD, drafted, service_in

from modelwright.workflow.pages import READ, Readable


def _every_readable_output_has_a_page(what, phase, outputs):
    """A person finds on a page whatever a phase stores that can be read."""
    if what == "done":
        assert {name for name, record in outputs.items() if isinstance(record, Readable)} <= set(
            READ[phase.number]
        )


def walk(service, *, until=12, leaks=("seconds",), design="baseline"):
    """Run to a phase and answer on the way like a person who knows the leak."""
    from modelwright.workflow.demonstration import DemoStory, answer_like_a_person

    story = DemoStory(
        name="calls",
        target="bought",
        answers={},
        known_leaks={column: f"{column} is known only after the call" for column in leaks},
        accepted={},
        shift={"age": 5},
        design=(design, "quick to train"),
    )
    for _ in range(13):
        result = service.run(until=until, listener=_every_readable_output_has_a_page)
        if result.ended != "waiting":
            return result
        answer_like_a_person(service, result.phase, story)
    message = "the run did not end"
    raise AssertionError(message)


@pytest.fixture(scope="session")
def finished_template(tmp_path_factory):
    """A project whose twelve phases are done, with a promoted version; never changed by a test."""
    root = tmp_path_factory.mktemp("finished") / "calls"
    service = drafted(root)
    walk(service)
    service.promote("v1", reason="gates and certificate passed")
    return root


def copied(root, folder):
    """A copy of a project and of its keys, to be changed at will."""
    shutil.copytree(root, folder / root.name)
    shutil.copytree(root.parent / "home", folder / "home")
    return service_in(folder / root.name, actor=LEAD)


@pytest.fixture
def finished(finished_template, tmp_path):
    """The finished project, to be changed at will."""
    return copied(finished_template, tmp_path)


@pytest.fixture(scope="session")
def contested_template(finished_template, tmp_path_factory):
    """The finished project with a second version, judged beside the champion; never changed by a test."""
    service = copied(finished_template, tmp_path_factory.mktemp("contested"))
    service.approve(4, choices={"design": "pragmatic"}, reason="a stronger one")
    walk(service, design="pragmatic")
    return service.ports.project.root


@pytest.fixture
def contested(contested_template, tmp_path):
    """The project with two versions, to be changed at will."""
    return copied(contested_template, tmp_path)
