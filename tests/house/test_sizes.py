"""Sizes: a whole idea fits one screenful, and giants start as one exception."""

import ast

from tests.house.tree import FILES, nodes, place

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_CLASS = 250


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body; the docstring is the manual and does not count."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_file_is_longer_than_four_hundred_lines():
    """Split by noun, never by part number."""
    long = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {where: length for where, length in long.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_sixty_lines():
    """A longer function holds a second one that has no name yet."""
    functions = nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    long = {f"{place(path, node)} {node.name}": lines_of(node) for path, node in functions}
    assert {where: length for where, length in long.items() if length > LONGEST_FUNCTION} == {}


def test_no_class_is_longer_than_two_hundred_and_fifty_lines():
    """A longer class has two reasons to change."""
    long = {
        f"{place(path, node)} {node.name}": node.end_lineno - node.lineno + 1
        for path, node in nodes(ast.ClassDef)
    }
    assert {where: length for where, length in long.items() if length > LONGEST_CLASS} == {}
