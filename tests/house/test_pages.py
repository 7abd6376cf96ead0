"""Pages: the examples in them run as they stand, in a folder that holds the example data."""

import os
import re
import subprocess
import sys

import pytest
from tests.house.tree import DOCS, ROOT

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)

EXAMPLES = {
    f"{path.stem}-{number}": block
    for path in [*sorted((DOCS / "rooms").glob("*.md")), DOCS / "sources.md"]
    for number, block in enumerate(BLOCK.findall(path.read_text(encoding="utf-8")), 1)
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_page_runs(name, tmp_path):
    """What a reader copies works; warnings are errors here too."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    home = {"HOME": str(tmp_path), "MODELWRIGHT_HOME": str(tmp_path / "home"), "MODELWRIGHT_ACTOR": "reader"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLES[name]],
        cwd=tmp_path,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
