"""A project whose gate is out of reach and whose code leaks: told, judged, and never promoted."""

import shutil

import pytest
from tests.review.twins import TWINS
from tests.workflow.conftest import copied, walk
from tests.workflow.projects import drafted

from modelwright.kernel.errors import ExitCode, ModelwrightError, PhaseLocked, UserFault
from modelwright.review.report import ReviewReport
from modelwright.surfaces.cli.main import main
from modelwright.workflow.history import fold

LEAKING = TWINS["FIT-BEFORE-SPLIT"][0][0]


@pytest.fixture(scope="module")
def reviewed_template(tmp_path_factory):
    """A project that waits for an answer to a review that blocks."""
    root = tmp_path_factory.mktemp("reviewed") / "calls"
    service = drafted(root)
    (root / "prepare.py").write_text(LEAKING)
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.999"))
    walk(service, until=9)
    assert service.run().phase == 10
    return root


@pytest.fixture
def reviewed(reviewed_template, tmp_path):
    """The reviewed project, to be changed at will."""
    return copied(reviewed_template, tmp_path)


@pytest.fixture(scope="module")
def failed_template(reviewed_template, tmp_path_factory):
    """The project after its gates were judged."""
    service = copied(reviewed_template, tmp_path_factory.mktemp("failed"))
    service.approve(10, choices={"fix": "none"}, reason="prepare.py is an old notebook of ours, not used")
    assert service.run().ended == "done"
    return service.ports.project.root


@pytest.fixture
def failed(failed_template, tmp_path):
    """The failed project, to be changed at will."""
    return copied(failed_template, tmp_path)


def findings(service):
    """What the review reports."""
    completion = fold(service.ports.ledger.entries()).completions[10]
    return service.ports.store.get_record(completion.outputs["review"], ReviewReport).findings


def test_a_review_that_blocks_wants_to_know_what_is_fixed(reviewed):
    """Silence is no answer to it, and the proposal is to fix."""
    from modelwright.workflow.asking import asked

    assert any("prepare.py" in item.identity for item in findings(reviewed))
    assert asked(reviewed.ports, 10).choices[0].proposed == "all"
    with pytest.raises(UserFault, match="say what to fix"):
        reviewed.approve(10, reason="looks fine to me")


def test_a_fix_that_was_promised_has_to_happen_before_the_model_is_judged(reviewed):
    """The labels are not asked before; mended code is reviewed again."""
    reviewed.approve(10, choices={"fix": findings(reviewed)[0].identity}, reason="it leaks")
    with pytest.raises(PhaseLocked, match="still there"):
        reviewed.run()
    assert reviewed.status().looks == 0
    (reviewed.ports.project.root / "prepare.py").write_text(TWINS["FIT-BEFORE-SPLIT"][0][1])
    result = reviewed.run()
    assert (result.ended, result.phase) == ("waiting", 10)
    assert not any(item.severity.rank >= 3 for item in findings(reviewed))


def test_a_model_below_its_gate_ends_with_a_failed_verdict(failed):
    """The run is done; what came of it cannot be promoted, and the page says why."""
    assert failed.verdict_passed() is False
    assert {line.state for line in failed.status().phases} == {"done"}
    (version,) = failed.versions()
    assert (version.verdict_status, version.certificate_digest) == ("failed", "")
    page = failed.page_of(12).with_suffix(".md").read_text(encoding="utf-8")
    assert "failed its gates and cannot be promoted" in page
    assert "roc_auc >= 0.999: failed" in page
    assert "cannot be promoted" in failed.page_of(12).read_text(encoding="utf-8")
    assert failed.summary().exists()


def test_a_failed_version_is_not_promoted_served_or_rolled_out(failed):
    """Everything that is missing is named at once."""
    with pytest.raises(PhaseLocked) as caught:
        failed.promote("v1", reason="it is nearly there")
    assert "gate" in str(caught.value)
    assert "certificate" in str(caught.value)
    with pytest.raises(ModelwrightError):
        failed.start_rollout("v1")
    with pytest.raises(PhaseLocked, match="no champion"):
        failed.serve_plan()
    with pytest.raises(PhaseLocked, match="no champion"):
        failed.make_drill()
    with pytest.raises(PhaseLocked, match="no champion"):
        failed.monitor()
    assert [version.standing for version in failed.versions()] == ["registered"]


def test_the_command_line_ends_with_1_where_gates_failed(failed, monkeypatch, capsys):
    """A result, not an error."""
    for name, value in failed.ports.variables.items():
        monkeypatch.setenv(name, value)
    assert main(["-C", str(failed.ports.project.root), "run", "--no-input"]) == ExitCode.NOT_PASSED
    assert "nothing can be promoted" in capsys.readouterr().out


def test_the_same_question_asked_again_is_no_second_look_and_no_second_version(failed):
    """A change of the code alone repeats review and judgement, not the look."""
    shutil.copy(failed.ports.project.root / "prepare.py", failed.ports.project.root / "again.py")
    assert failed.run().phase == 10
    failed.approve(10, choices={"fix": "none"}, reason="another copy of the same notebook")
    assert failed.run().ended == "done"
    assert failed.status().looks == 1
    assert [version.version for version in failed.versions()] == ["v1"]
