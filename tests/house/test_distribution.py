"""The wheel and its pins: nothing is missing, nothing is along for the ride, and it imports."""

import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from tests.house.tree import FILES, PACKAGE, ROOT, imports, tracked

from modelwright._version import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = sorted((ROOT / "requirements").glob("*.txt"))

NAMES = {"mlflow-skinny": "mlflow", "ruamel.yaml": "ruamel", "scikit-learn": "sklearn"}
"""Packages that are imported under another name."""

NAMED = {"httptools", "uvloop"}
"""Modules that are not imported but named to uvicorn, which loads them."""

PAIRED = {"pydantic_core"}
"""Modules of a package that another one pins exactly and shows in its own interface."""


def required():
    """The modules that the declared dependencies bring, those of extras too."""
    project = PROJECT["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    lines = [line for line in [*project["dependencies"], *extras] if not line.startswith("modelwright")]
    names = [re.split("[^A-Za-z0-9._-]", line)[0] for line in lines]
    return {NAMES.get(name, name.replace("-", "_")) for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the tree by the pinned build backend without a network."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_and_its_licence(wheel):
    """Every tracked file of the package, type marker included, and nothing from beside it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    information = f"modelwright-{__version__}.dist-info"
    assert {
        path.relative_to(PACKAGE.parent).as_posix() for path in tracked() if PACKAGE in path.parents
    } <= names
    assert "modelwright/py.typed" in names
    assert f"{information}/licenses/LICENSE" in names
    assert {name.split("/")[0] for name in names} == {"modelwright", information}


def test_the_wheel_can_be_imported_on_its_own(wheel, tmp_path):
    """What was left out of the wheel is missing here, not at the user's."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import modelwright; print(modelwright.__file__)"
    )
    # With nothing from outside: coverage would count the copy as code that nobody tests.
    command = [sys.executable, "-I", "-c", program]
    ran = subprocess.run(command, env={}, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(str(tmp_path))


def test_the_licence_is_the_whole_text():
    """A licence by name alone is an intention."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["project"]["license"] == "Apache-2.0"


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.stem)
def test_every_pin_is_exact_and_has_a_hash(path):
    """What is installed tomorrow is what was tested today."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert pins
    assert [pin.split()[0] for pin in pins if "==" not in pin.split()[0] or "--hash=sha256:" not in pin] == []


def test_the_core_pins_cover_the_declared_dependencies():
    """A dependency that was added without `make lock` is found here."""
    pinned = (ROOT / "requirements" / "core.txt").read_text(encoding="utf-8")
    names = [
        line.split(">")[0].split("=")[0].replace(".", "-") for line in PROJECT["project"]["dependencies"]
    ]
    assert [name for name in names if f"\n{name}==" not in pinned] == []


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    """A package that comes by way of another may go with it; one that nobody imports only takes room."""
    imported = {module.split(".")[0] for path in FILES for _, module, _ in imports(path)}
    foreign = imported - set(sys.stdlib_module_names) - PAIRED - {"modelwright"}
    assert foreign | NAMED == required()


def test_development_uses_the_same_pins_as_the_core():
    """What the suite runs against is what users of the core pins get."""

    def pins(name):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line and not line.lstrip().startswith("#")}

    assert pins("core.txt") <= pins("dev.txt")
    assert pins("build.txt") <= pins("dev.txt")


@pytest.mark.parametrize("path", [name for name in (".ci/run", "Makefile") if (ROOT / name).exists()])
def test_continuous_integration_runs_what_a_laptop_runs(path):
    """`make lint` and `make test` are the only two words anyone has to know."""
    text = (ROOT / path).read_text(encoding="utf-8")
    wanted = {".ci/run": ["make lint\n", "make test\n"], "Makefile": ["\nlint:", "\ntest:", "\ndemo:"]}[path]
    assert [words for words in wanted if words not in text] == []
