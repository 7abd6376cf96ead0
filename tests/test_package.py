"""The package: a dozen names, loaded when they are first used."""

import subprocess
import sys

import pytest

import modelwright


@pytest.mark.parametrize("name", modelwright.__all__)
def test_every_public_name_is_there(name):
    """What the list promises can be used."""
    assert getattr(modelwright, name) is not None
    assert name in dir(modelwright)


def test_a_name_that_is_not_there_is_refused_as_python_does():
    """Tools that probe a module rely on AttributeError."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = modelwright.nothing


def test_importing_the_package_loads_nothing_of_weight():
    """The cost is paid by whoever uses it, when they use it."""
    program = (
        "import sys, modelwright; "
        "print(sorted({'polars', 'numpy', 'pydantic', 'click', 'msgspec'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
