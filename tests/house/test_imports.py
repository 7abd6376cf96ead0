"""Imports: what import-linter cannot say about doors, the floor and the weight of a start."""

import subprocess
import sys
import tomllib

import pytest
from tests.house.tree import FILES, PACKAGE, ROOMS, ROOT, imports, is_module, module_name, place

HEAVY = ("lightgbm", "matplotlib", "numpy", "polars", "pydantic", "pyarrow", "scipy", "sklearn")
"""Libraries that a command which only reads state must not wait for."""

LIGHT = ("kernel", "authority", "ledger", "settings", "surfaces/cli/main")
"""What `--help` and `status` pass through."""

UNSAFE = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
"""Formats that run code when they are read."""


def test_the_kernel_stands_on_the_standard_library_alone():
    """The floor has no dependencies, so every rule on it can be tested in milliseconds."""
    foreign = [
        f"{place(path, node)} {module}"
        for path in sorted((PACKAGE / "kernel").rglob("*.py"))
        for node, module, _ in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("modelwright.kernel")
    ]
    assert foreign == []


def test_imports_are_absolute():
    """A file that moves keeps meaning what it meant."""
    relative = [
        place(path, node) for path in FILES for node, module, _ in imports(path) if module.startswith(".")
    ]
    assert relative == []


def test_no_file_imports_the_package_root():
    """The root is for users; inside, it would tie every room to every other."""
    through_root = [
        f"{place(path, node)} {name}"
        for path in FILES
        for node, module, name in imports(path)
        if module == "modelwright" and not (name and is_module(f"modelwright.{name}"))
    ]
    assert through_root == []


def test_rooms_import_each_other_from_the_defining_file():
    """A door loads the whole room; the defining file loads what is needed and names where it is."""
    through_doors = [
        f"{place(path, node)} {module}: {name}"
        for path in FILES
        if path != PACKAGE / "__init__.py"
        for node, module, name in imports(path)
        if module.startswith("modelwright.")
        and PACKAGE.parent.joinpath(*module.split("."), "__init__.py").exists()
        and not is_module(f"{module}.{name}")
    ]
    assert through_doors == []


def test_a_new_room_is_closed_to_the_surfaces_from_its_first_day():
    """The list of import-linter names every room but the doors."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (one_door,) = [contract for contract in settings["contracts"] if contract["id"] == "one-door"]
    closed = {name.removeprefix("modelwright.").removesuffix(".**") for name in one_door["forbidden_modules"]}
    # Adapters are closed by a contract of their own.
    assert closed == set(ROOMS) - {"adapters", "kernel", "settings", "surfaces", "wiring", "workflow"}


def test_nothing_is_read_or_written_as_a_pickle():
    """A bundle from a stranger must not run code on loading, and neither must ours."""
    pickled = [
        f"{place(path, node)} {module}"
        for path in FILES
        for node, module, _ in imports(path)
        if module.split(".")[0] in UNSAFE
    ]
    assert pickled == []


@pytest.mark.parametrize(
    "start",
    [
        module_name(path)
        for light in LIGHT
        for path in (PACKAGE / light / "__init__.py", PACKAGE / f"{light}.py")
        if path.exists()
    ],
)
def test_reading_state_does_not_load_the_heavy_libraries(start):
    """`--help` answers within 150 ms; one import of a frame library would spend that."""
    program = f"import sys, {start}; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
