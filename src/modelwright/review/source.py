"""Source files as a review sees them: Python files and notebooks, parsed, with every line's place."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.finding import Finding, Severity

__all__ = [
    "Cell",
    "SourceFile",
    "note",
    "own_nodes",
    "parse_notebook",
    "parse_python",
    "read_source",
    "statements",
]

LARGEST_PYTHON = 2_000_000
"""Bytes of a Python file that a person may still have written."""

LARGEST_NOTEBOOK = 50_000_000
"""Bytes of a notebook; most of a large one are pictures."""

MAGIC = re.compile(r"^(\s*)(%|!|\?).*|^(\s*).*\?\s*$")
"""Lines of a cell that the notebook reads and Python does not."""

PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "python", "python3"})
"""Cell magics whose body is Python."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One code cell of a notebook.

    Examples:
        >>> Cell(number=1, execution=3, first_line=1).execution
        3
    """

    number: int
    """Its place among all cells, from 1."""
    execution: int | None
    """The count the notebook kept when it was last run; None when it was not run."""
    first_line: int
    """The line of the joined text where it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A parsed file.

    Examples:
        >>> file, notes = parse_python("a = 1", path="a.py")
        >>> file.where(file.tree.body[0])
        'a.py:1'
    """

    path: str
    """The path as findings show it, relative to the reviewed root."""
    text: str
    """The text; of a notebook, its code cells one under the other."""
    tree: ast.Module
    """The syntax."""
    cells: tuple[Cell, ...] = ()
    """The cells of a notebook, empty for a Python file."""

    @property
    def is_test(self) -> bool:
        """Whether it is a file of tests, where made-up secrets and seeds are at home."""
        *folders, name = self.path.split("/")
        return (
            "tests" in folders
            or name.startswith("test_")
            or name.endswith("_test.py")
            or name == "conftest.py"
        )

    def place(self, line: int) -> str:
        """Return `path:line`, or `path:cellN:line` in a notebook."""
        inside = [cell for cell in self.cells if cell.first_line <= line]
        if not inside:
            return f"{self.path}:{line}"
        return f"{self.path}:cell{inside[-1].number}:{line - inside[-1].first_line + 1}"

    def where(self, node: ast.AST) -> str:
        """Return the place of a node."""
        return self.place(int(getattr(node, "lineno", 1)))


def note(path: str, what: str, *, evidence: str = "", fix: str = "") -> Finding:
    """Return the note of a file that could not be reviewed.

    Examples:
        >>> note("a.py", "is empty").title
        'a.py is empty'
    """
    return Finding(
        code="NOT-REVIEWED",
        title=f"{path} {what}",
        severity=Severity.INFO,
        confidence=100,
        category="coverage",
        subject=path,
        where=path,
        evidence=(evidence,) if evidence else (),
        why="What was not read was not reviewed.",
        fix=fix,
    )


def _tree(text: str, path: str) -> ast.Module | Finding:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        told = f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
        return note(path, "is not valid Python", evidence=told, fix="Correct the syntax and review again.")
    except (RecursionError, MemoryError):
        return note(path, "is nested too deeply to be read", fix="Split the expression.")
    except ValueError as error:
        return note(path, "cannot be parsed", evidence=str(error), fix="Save it as plain text.")


def parse_python(text: str, *, path: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Parse the text of a Python file; what cannot be parsed becomes a note.

    Examples:
        >>> file, notes = parse_python("def broken(:", path="b.py")
        >>> file is None, notes[0].title
        (True, 'b.py is not valid Python')
    """
    tree = _tree(text, path)
    if isinstance(tree, Finding):
        return None, (tree,)
    return SourceFile(path=path, text=text, tree=tree), ()


def _code_of(cell: Mapping[str, object]) -> str:
    source = cell.get("source", "")
    text = "".join(str(line) for line in source) if isinstance(source, list) else str(source)
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        word = first[2:].split()
        if not word or word[0] not in PYTHON_CELLS:
            return ""
    return "\n".join(_plain(line) for line in lines)


def _plain(line: str) -> str:
    """Keep the line and its indent, but say `pass` where a magic stood."""
    match = MAGIC.match(line)
    if match is None or line.lstrip().startswith("#"):
        return line
    indent = match.group(1) or match.group(3) or ""
    return f"{indent}pass"


def parse_notebook(text: str, *, path: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Parse a notebook: its code cells joined in order, each cell on its own when one does not parse.

    Examples:
        >>> cells = [{"cell_type": "code", "source": ["x = 1"], "execution_count": 2}]
        >>> file, notes = parse_notebook(json.dumps({"cells": cells}), path="n.ipynb")
        >>> file.where(file.tree.body[0])
        'n.ipynb:cell1:1'
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return None, (
            note(path, "is not a notebook", evidence=str(error), fix="Save it again from the notebook."),
        )
    listed = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None, (note(path, "has no cells", fix="Convert it to notebook format 4."),)
    body: list[ast.stmt] = []
    cells: list[Cell] = []
    lines: list[str] = []
    notes: list[Finding] = []
    for number, cell in enumerate(listed, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        code = _code_of(cell)
        start = len(lines) + 1
        count = cell.get("execution_count")
        cells.append(
            Cell(number=number, execution=count if isinstance(count, int) else None, first_line=start)
        )
        lines += code.split("\n")
        tree = _tree(code, f"{path}:cell{number}")
        if isinstance(tree, Finding):
            notes.append(tree)
            continue
        ast.increment_lineno(tree, start - 1)
        body += tree.body
    module = ast.Module(body=body, type_ignores=[])
    file = SourceFile(path=path, text="\n".join(lines), tree=module, cells=tuple(cells))
    return file, tuple(notes)


def _decoded(data: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()


def read_source(path: Path, *, shown: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Read and parse one file; what cannot be read becomes a note, never an error.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "a.py").write_bytes(bytes([0, 1]))
        ...     read_source(Path(folder, "a.py"), shown="a.py")[1][0].title
        'a.py is binary'
    """
    notebook = path.suffix == ".ipynb"
    limit = LARGEST_NOTEBOOK if notebook else LARGEST_PYTHON
    try:
        size = path.stat().st_size
        if size > limit:
            told = f"{size:,} bytes, at most {limit:,} are read"
            return None, (note(shown, "is too large", evidence=told, fix="Clear outputs, or split it."),)
        data = path.read_bytes()
    except OSError as error:
        return None, (note(shown, "cannot be read", evidence=str(error.strerror or error)),)
    if b"\x00" in data:
        return None, (note(shown, "is binary", fix="Remove it, or give it another ending."),)
    try:
        text = data.decode("utf-8-sig") if notebook else _decoded(data)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return None, (note(shown, "is not UTF-8", evidence=str(error), fix="Save it as UTF-8."),)
    return parse_notebook(text, path=shown) if notebook else parse_python(text, path=shown)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    r"""Yield the statements of a block in the order of the text, nested blocks flattened, no function bodies.

    Examples:
        >>> [type(node).__name__ for node in statements(ast.parse("if a:\n  b = 1\nc = 2").body)]
        ['If', 'Assign', 'Assign']
    """
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                yield from statements(inner)
        for handler in getattr(node, "handlers", []):
            yield from statements(handler.body)
        for case in getattr(node, "cases", []):
            yield from statements(case.body)


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    r"""Yield the nodes of a statement without those of the statements inside it.

    Examples:
        >>> sum(isinstance(node, ast.Name) for node in own_nodes(ast.parse("if a:\n  b").body[0]))
        1
    """
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
