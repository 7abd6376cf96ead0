"""Exports: each door lists exactly what it offers, and everything offered is shown by an example."""

import inspect
from importlib import import_module
from types import ModuleType

import pytest
from tests.house.tree import PACKAGE, ROOMS

DOORS = ["modelwright", *(f"modelwright.{room}" for room in ROOMS if (PACKAGE / room).is_dir())]


def public_names(module):
    """What a reader sees in a module without looking at its list."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }


def offers(module):
    """The list of a door; a door without one, such as that of the adapters, offers nothing."""
    return getattr(module, "__all__", [])


@pytest.mark.parametrize("door", DOORS)
def test_a_door_lists_exactly_what_it_offers(door):
    """No name twice, none missing, none that is not there; ruff keeps the order."""
    module = import_module(door)
    listed = offers(module)
    assert len(listed) == len(set(listed))
    assert [name for name in listed if not hasattr(module, name)] == []
    assert public_names(module) - set(listed) == set()


@pytest.mark.parametrize("door", DOORS)
def test_everything_offered_is_documented_with_an_example(door):
    """The examples run as tests; constants and aliases are shown where they are used."""
    module = import_module(door)
    offered = {name: getattr(module, name) for name in offers(module)}
    bare = [
        f"{value.__module__}.{name}"
        for name, value in offered.items()
        if (inspect.isclass(value) or inspect.isroutine(value)) and ">>> " not in (value.__doc__ or "")
    ]
    assert bare == []
