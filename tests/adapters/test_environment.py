"""The environment: what a training runs on, read from the machine."""

import platform
import subprocess

import numpy as np

from modelwright._version import __version__
from modelwright.adapters.environment import capture


def git(folder, *words):
    """Run git as somebody."""
    person = ["-c", "user.name=A Person", "-c", "user.email=person@example.org"]
    subprocess.run(["git", "-C", str(folder), *person, *words], check=True, capture_output=True)


def test_a_folder_without_history_has_no_commit(tmp_path):
    """Not knowing is not the same as clean."""
    found = capture(tmp_path)
    assert (found.commit, found.dirty) == (None, None)
    git(tmp_path, "init")
    assert capture(tmp_path).commit is None


def test_a_commit_and_changes_since_are_told(tmp_path):
    """What is committed can be found again; what is not, cannot."""
    git(tmp_path, "init")
    (tmp_path / "contract.yaml").write_text("a")
    git(tmp_path, "add", "contract.yaml")
    git(tmp_path, "commit", "-m", "first")
    clean = capture(tmp_path)
    assert len(clean.commit) == 40
    assert clean.dirty is False
    (tmp_path / "contract.yaml").write_text("b")
    changed = capture(tmp_path)
    assert changed.dirty is True
    assert changed.commit == clean.commit


def test_packages_that_decide_the_result_are_named(tmp_path):
    """By version, ours among them."""
    found = capture(tmp_path)
    assert found.python == platform.python_version()
    assert found.packages["numpy"] == np.__version__
    assert found.packages["modelwright"] == __version__
    assert list(found.packages) == sorted(found.packages)
