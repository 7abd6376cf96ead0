"""Fail closed everywhere: every metric of the catalogue with every fault at every joint blocks.

The matrix is made from the catalogue of metrics and the catalogue of joints, so that a new metric, or a new
joint, is in it by itself.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults import gate_joints, operation_joints, version_joints
from tests.faults.joint import answered

from modelwright.evaluation.metric import METRICS
from modelwright.kernel.outcome import Status

ROOT = Path(__file__).resolve().parents[2]

JOINTS = {
    joint.name: joint for module in (gate_joints, version_joints, operation_joints) for joint in module.JOINTS
}
"""Every joint by its name."""

CELLS = [(name, joint.name) for joint in JOINTS.values() for name in METRICS.names() if joint.takes(name)]
"""Every metric at every joint it can reach."""


@pytest.mark.parametrize(("name", "joint"), CELLS)
def test_sound_evidence_passes(name, joint):
    """Otherwise the matrix would block for another reason and prove nothing."""
    outcome = answered(lambda: JOINTS[joint].sound(name))
    assert outcome.status is Status.PASSED, outcome


@pytest.mark.parametrize(("name", "joint"), CELLS)
def test_every_fault_blocks(name, joint):
    """Missing, NaN, infinite, stale, of another kind, too few: none passes, and each says what to do."""
    attempts = JOINTS[joint].faults(name)
    let_through, mute = [], []
    for fault, attempt in attempts.items():
        outcome = answered(attempt)
        if outcome.status not in {Status.FAILED, Status.UNKNOWN}:
            let_through.append(fault)
        elif not outcome.next_step:
            mute.append(fault)
    assert let_through == []
    assert mute == []
    assert len(attempts) >= 6


PLUGIN = {
    "toy_metric.py": """
from dataclasses import replace

from modelwright.evaluation.metric import METRICS

TOY = replace(METRICS.get("accuracy"), name="toy_metric")
""",
    "toy_metric-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-metric\nVersion: 1\n",
    "toy_metric-1.dist-info/entry_points.txt": "[modelwright.metrics]\ntoy_metric = toy_metric:TOY\n",
}
"""A package that brings one more metric, file by file."""


def test_a_new_metric_is_in_the_matrix_by_itself(tmp_path):
    """Installed beside us and named nowhere else, it stands at every joint that rows can reach, and runs."""
    for name, text in PLUGIN.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    places = os.pathsep.join((str(tmp_path), str(ROOT)))
    words = ["-q", "-p", "no:cacheprovider", "-k", "toy_metric and not by_itself", "--no-cov"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *words, str(Path(__file__))],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    alike = sum(name == "accuracy" for name, _ in CELLS)
    assert f"{2 * alike} passed" in ran.stdout
