"""Capsules: a framing prepared elsewhere; read leniently, found strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.capsule import capsule_slugs, read_capsule
from modelwright.kernel.errors import ContractInvalid, UnknownName, UserFault

WHOLE = """\
version: "1.0"
created: 2026-01-05T10:00:00Z
slug: calls-ml
type: ml
goal: |
  Call the clients who are likely
  to subscribe first.
non_goals: [a new dialler]
constraints:
  - answers within 80 ms
  - {law: no protected attributes}
success_criteria:
  - tests_pass: true
  - files_created: [model.py, train.py]
context:
  patterns_path: null
  key_files:
    - {path: train.py, reason: the old model}
    - gone.py
questions:
  decisions_made:
    - {question: Which metric?, answer: AUC}
  open_questions: [Who pays?]
handoff: {recommended_command: ml-flow, args: --capsule calls-ml, reasoning: it is ML}
risks:
  - {severity: high, description: duration leaks, mitigation: leave it out}
  - few positives
research: {confidence: low}
"""


def put(root, slug, text):
    """Write a capsule as the other tool would."""
    folder = root / ".phase0" / "capsules" / slug
    folder.mkdir(parents=True)
    (folder / "capsule.yaml").write_text(text, encoding="utf-8")


def test_a_whole_capsule_is_read(tmp_path):
    """Every field the schema knows; what it does not know is passed over."""
    put(tmp_path, "calls-ml", WHOLE)
    (tmp_path / "train.py").touch()
    capsule = read_capsule(tmp_path, "calls-ml")
    assert capsule.goal == "Call the clients who are likely\nto subscribe first."
    assert capsule.kind == "ml"
    assert capsule.non_goals == ("a new dialler",)
    assert capsule.constraints == ("answers within 80 ms", "law: no protected attributes")
    assert capsule.success_criteria == ("tests_pass: true", "files_created: model.py, train.py")
    assert [(file.path, file.reason) for file in capsule.key_files] == [
        ("train.py", "the old model"),
        ("gone.py", ""),
    ]
    assert capsule.decisions == {"Which metric?": "AUC"}
    assert capsule.open_questions == ("Who pays?",)
    assert capsule.handoff["recommended_command"] == "ml-flow"
    assert [(risk.severity, risk.description) for risk in capsule.risks] == [
        ("high", "duration leaks"),
        ("medium", "few positives"),
    ]
    assert capsule.warnings == ("key file gone.py is not there",)


def test_a_goal_is_all_that_is_required(tmp_path):
    """Whatever else is missing is a warning."""
    put(tmp_path, "small", "goal: Call likely clients first\nkey_files: [a.py, '']\n")
    capsule = read_capsule(tmp_path, "small")
    assert capsule.warnings == (
        "the capsule does not say its version",
        "the capsule does not say its created",
        "the capsule does not say its slug",
        "the capsule does not say its handoff",
        "key file a.py is not there",
    )


def test_a_capsule_without_a_goal_cannot_be_used(tmp_path):
    """There would be nothing to start from."""
    put(tmp_path, "empty", "version: '1.0'\n")
    with pytest.raises(ContractInvalid, match=r"capsule\.yaml:1: there is no goal"):
        read_capsule(tmp_path, "empty")


def test_a_broken_capsule_is_refused_with_its_line(tmp_path):
    """Its YAML is read as carefully as the contract's."""
    put(tmp_path, "broken", "goal: x\ngoal: y\n")
    with pytest.raises(ContractInvalid, match=r"capsule\.yaml:2: 'goal' stands twice"):
        read_capsule(tmp_path, "broken")


def test_an_unknown_slug_lists_those_there_are(tmp_path):
    """With the nearest first."""
    with pytest.raises(UnknownName, match="nor any other"):
        read_capsule(tmp_path, "calls")
    put(tmp_path, "calls-ml", WHOLE)
    put(tmp_path, "calls-dev", WHOLE)
    assert capsule_slugs(tmp_path) == ("calls-dev", "calls-ml")
    with pytest.raises(UnknownName, match="did you mean 'calls-ml'") as caught:
        read_capsule(tmp_path, "call-ml")
    assert "calls-dev" in str(caught.value)


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "../x", "a/b", "a\\b", "/etc", "a..b", "~", "a b", "-x", "x" * 200, "a\x00b"]
)
def test_a_slug_that_is_a_path_is_refused(slug, tmp_path):
    """It names a folder among the capsules, and nothing else."""
    put(tmp_path, "calls-ml", WHOLE)
    with pytest.raises(UserFault, match="is not the slug of a capsule"):
        read_capsule(tmp_path, slug)


@given(st.text(max_size=30))
def test_no_slug_reads_outside_its_folder(tmp_path_factory, slug):
    """Refused, or unknown; never something else."""
    root = tmp_path_factory.mktemp("root")
    with pytest.raises(UserFault):
        read_capsule(root, slug)


def test_a_capsule_that_links_elsewhere_is_refused(tmp_path):
    """A link out of the folder is a path in disguise."""
    (tmp_path / "secret.yaml").write_text("goal: secret\n", encoding="utf-8")
    folder = tmp_path / ".phase0" / "capsules" / "sly"
    folder.mkdir(parents=True)
    (folder / "capsule.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(UserFault, match="is not the slug of a capsule"):
        read_capsule(tmp_path, "sly")


def test_a_capsule_that_calls_itself_otherwise_is_told(tmp_path):
    """And key files outside the project are not read."""
    put(tmp_path, "calls", "goal: Call first\nslug: other\nkey_files: [../../etc/passwd]\n")
    warnings = " ".join(read_capsule(tmp_path, "calls").warnings)
    assert "calls itself 'other' and lies in 'calls'" in warnings
    assert "../../etc/passwd lies outside the project and is not read" in warnings
