"""The program's first lines."""

import subprocess
import sys

PRESSED_WHILE_LOADING = """
import sys

class Pressed:
    def find_spec(self, name, path, target=None):
        if name == "modelwright.surfaces.cli.main":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Pressed())
from modelwright.surfaces.cli.entry import main
sys.exit(main())
"""


def test_ctrl_c_while_the_program_still_loads_ends_in_words():
    """Exit code 130 and one line; no traceback."""
    ended = subprocess.run(
        [sys.executable, "-c", PRESSED_WHILE_LOADING], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 130
    assert ended.stderr == "modelwright: interrupted before anything was done.\n"


def test_the_installed_program_starts_there():
    """The console script answers."""
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="modelwright")
    assert script.value == "modelwright.surfaces.cli.entry:main"
