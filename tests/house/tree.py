"""The tree under test: its files, rooms and syntax, read once."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "modelwright"
DOCS = ROOT / "docs"

FILES = sorted(PACKAGE.rglob("*.py"))
"""Every Python file of the package."""

TESTS = sorted((ROOT / "tests").rglob("*.py"))
"""Every Python file of the suite."""

ROOMS = sorted(
    path.name.removesuffix(".py")
    for path in PACKAGE.iterdir()
    if (path / "__init__.py").exists() or (path.suffix == ".py" and not path.name.startswith("_"))
)
"""Every room that has a tenant: folders with a door, and single-file rooms such as settings."""


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """File and line, as an editor opens them."""
    where = path.relative_to(ROOT).as_posix()
    return f"{where}:{node.lineno}" if isinstance(node, ast.stmt | ast.expr | ast.excepthandler) else where


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of these kinds in the package, with its file."""
    for path in FILES:
        for node in ast.walk(syntax(path)):
            if isinstance(node, kinds):
                yield path, node


def module_name(path: Path) -> str:
    """The dotted name under which a file of the package is imported."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, str]]:
    """Every import of a file, inside functions too: the statement, the module, the name taken from it."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node, "." * node.level + (node.module or ""), alias.name


def is_module(name: str) -> bool:
    """Whether a dotted name is a file or folder of the package."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def dataclasses_of(path: Path) -> Iterator[tuple[ast.ClassDef, ast.expr]]:
    """Every dataclass of a file, with the decorator that makes it one."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if ast.unparse(called) in {"dataclass", "dataclasses.dataclass"}:
                    yield node, decorator


def tracked() -> list[Path]:
    """Every file that a clone brings."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
