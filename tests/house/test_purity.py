"""Purity: faults are caught by name; the clock, chance and the environment come in as arguments."""

import ast

from tests.house.tree import PACKAGE, nodes, place

SHELL = ("adapters/", "settings.py", "surfaces/")
"""Where the outside world may be asked."""

WORLD = {
    "date.today",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.now",
    "datetime.utcnow",
    "os.environ",
    "os.getenv",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
"""Readings of the wall clock and of the environment."""

SEEDLESS = {"default_rng", "np.random.default_rng", "numpy.random.default_rng", "Random", "random.Random"}
"""Generators that draw their seed from the machine when called without one."""

BROAD = {"BaseException", "Exception"}
"""Names that mean everything."""

WORLD_ALLOWED: dict[str, str] = {}
"""File: the reason why it must ask the world itself."""

BROAD_ALLOWED: dict[str, str] = {
    "surfaces/cli/main.py": "the top-level handler: a defect of ours still ends in words and an exit code",
}
"""File: the reason why it must catch everything."""


def inside(path, places):
    """Whether a file lies in one of these places of the package."""
    return path.relative_to(PACKAGE).as_posix().startswith(tuple(places))


def is_broad(handler):
    """Whether a handler takes everything and keeps it; one that cleans up and raises again does not."""
    named = set() if handler.type is None else set(ast.unparse(handler.type).strip("()").split(", "))
    last = handler.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return (handler.type is None or bool(BROAD & named)) and not raises_again


def test_faults_are_caught_by_name():
    """What is caught without a name is a defect that nobody will hear of."""
    broad = [
        place(path, node)
        for path, node in nodes(ast.ExceptHandler)
        if is_broad(node) and not inside(path, BROAD_ALLOWED)
    ]
    assert broad == []


def test_the_clock_and_the_environment_are_read_in_the_shell_alone():
    """A rule that reads the clock gives two answers to one question."""
    asked = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path, node in nodes(ast.Attribute)
        if ast.unparse(node) in WORLD and not inside(path, (*SHELL, *WORLD_ALLOWED))
    ]
    assert asked == []


def test_chance_is_seeded():
    """Same seed, same bits: a generator without a seed ends that."""
    seedless = [
        place(path, node)
        for path, node in nodes(ast.Call)
        if ast.unparse(node.func) in SEEDLESS and not node.args and not node.keywords
    ]
    assert seedless == []


def test_no_allowance_outlives_its_file():
    """An exception list that nobody prunes becomes the rule."""
    stale = [name for name in WORLD_ALLOWED | BROAD_ALLOWED if not (PACKAGE / name).exists()]
    assert stale == []
