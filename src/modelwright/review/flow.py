"""What flows where: the calls of a file in order, with resolved names and the origins of their arguments.

One pass a scope, forwards through the text. It follows assignments of names inside a function or a module
and the parts of a train/test split; it does not follow calls into other functions.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from modelwright.review.source import SourceFile, statements

__all__ = ["Call", "Flow", "Scope", "bases", "dotted", "part_of", "trace"]

TEST = re.compile(r"(^|_)(test|tst|holdout|heldout)(_|\d|$)", re.IGNORECASE)
VALIDATION = re.compile(r"(^|_)(val|valid|validation|dev)(_|\d|$)", re.IGNORECASE)
TRAIN = re.compile(r"(^|_)(train|training|tr|trn)(_|\d|$)", re.IGNORECASE)


def part_of(name: str) -> str:
    """Return which part of the data a name speaks of, or an empty text.

    Examples:
        >>> part_of("X_test"), part_of("y_val"), part_of("Xtrain"), part_of("latest")
        ('test', 'validation', 'train', '')
    """
    if TEST.search(name) or re.fullmatch(r"[Xxy]test|test[Xxy]|test", name):
        return "test"
    if VALIDATION.search(name) or re.fullmatch(r"[Xxy]val(id)?", name):
        return "validation"
    if TRAIN.search(name) or re.fullmatch(r"[Xxy]train|train[Xxy]", name):
        return "train"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    r"""One call, as it stands in the flow of its scope.

    Examples:
        >>> flow = trace_text("from sklearn.svm import SVC\nSVC().fit(X, y)")
        >>> [call.name for call in flow.calls]
        ['.fit', 'sklearn.svm.SVC']
    """

    node: ast.Call
    """The call."""
    name: str
    """Its dotted name with imports resolved, or `.method` when it is called on a value."""
    method: str
    """The last word of the name."""
    kind: str
    """The class of the value it is called on, with imports resolved; empty when not known."""
    arguments: tuple[frozenset[str], ...]
    """For each positional argument, the names its value comes from, itself included."""
    direct: tuple[frozenset[str], ...]
    """For each positional argument, the names written in it."""
    targets: tuple[str, ...]
    """Names the statement assigns."""
    loops: int
    """How many loops it stands in, inside its scope."""

    @property
    def line(self) -> int:
        """The line it starts on."""
        return self.node.lineno

    def keyword(self, name: str) -> ast.expr | None:
        """Return the value of a keyword argument, if it is given."""
        return next((word.value for word in self.node.keywords if word.arg == name), None)

    @property
    def spreads(self) -> bool:
        """Whether keyword arguments are passed on that the text does not show."""
        return any(word.arg is None for word in self.node.keywords)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A module or a function, with its statements and its calls in order.

    Examples:
        >>> trace_text("x = f()").scopes[0].name
        '<module>'
    """

    name: str
    """The function's name, `<module>` for the file itself."""
    node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
    """The syntax."""
    body: tuple[ast.stmt, ...]
    """Statements in the order of the text, nested blocks flattened."""
    calls: tuple[Call, ...]
    """Calls in the order of the text, the outer before the inner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """All scopes of a file.

    Examples:
        >>> trace_text("import numpy as np").imports
        {'np': 'numpy'}
    """

    file: SourceFile
    """The file."""
    imports: Mapping[str, str]
    """Local name to the dotted name it stands for."""
    scopes: tuple[Scope, ...]
    """The module first, then functions in the order of the text."""
    nodes: tuple[ast.AST, ...]
    """Every node of the syntax, walked once for all rules."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls of all scopes."""
        return tuple(call for scope in self.scopes for call in scope.calls)

    def uses(self, package: str) -> bool:
        """Whether the file imports a package or anything of it."""
        return any(name == package or name.startswith(package + ".") for name in self.imports.values())


def imports_of(nodes: Iterable[ast.AST]) -> dict[str, str]:
    r"""Return local names and the dotted names they were imported from, wherever in the file.

    Examples:
        >>> imports_of(ast.walk(ast.parse("import a.b\nfrom c import d as e")))
        {'a': 'a', 'e': 'c.d'}
    """
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                found[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}".lstrip(".")
    return found


def dotted(node: ast.expr, imports: Mapping[str, str]) -> str:
    """Return the dotted name of a chain of attributes with its first word resolved, or an empty text.

    Examples:
        >>> dotted(ast.parse("np.random.rand", mode="eval").body, {"np": "numpy"})
        'numpy.random.rand'
        >>> dotted(ast.parse("f().x", mode="eval").body, {})
        ''
    """
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    words.append(imports.get(node.id, node.id))
    return ".".join(reversed(words))


def bases(node: ast.AST, *, modules: frozenset[str]) -> frozenset[str]:
    """Return the names an expression takes its value from: no functions, no modules.

    Examples:
        >>> sorted(bases(ast.parse("pd.concat([a, b.dropna()])"), modules=frozenset({"pd"})))
        ['a', 'b']
    """
    called = {
        id(call.func)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }
    return frozenset(
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and one.id not in modules and id(one) not in called
    )


def names_of(target: ast.expr) -> Iterator[str]:
    """Yield the names an assignment binds or changes.

    Examples:
        >>> list(names_of(ast.parse("a, b['c'] = 1, 2").body[0].targets[0]))
        ['a', 'b']
    """
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from names_of(element)
        return
    while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


class _Tracer:
    """Walks one scope forwards and keeps what each name comes from and which class it holds."""

    def __init__(self, imports: Mapping[str, str], outer: Mapping[str, str]) -> None:
        self.imports = imports
        self.modules = frozenset(imports)
        self.origins: dict[str, frozenset[str]] = {}
        self.kinds: dict[str, str] = dict(outer)
        self.calls: list[Call] = []

    def ancestry(self, node: ast.AST) -> frozenset[str]:
        found = bases(node, modules=self.modules)
        return found.union(*(self.origins.get(name, frozenset()) for name in found))

    def walk(self, body: list[ast.stmt], loops: int) -> None:
        for node in body:
            self.statement(node, loops)

    def statement(self, node: ast.stmt, loops: int) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                self.expression(decorator, (), loops)
            return
        targets = self._targets(node)
        blocks = {id(child) for child in _blocks(node)}
        inner = loops + isinstance(node, ast.For | ast.AsyncFor | ast.While)
        for child in ast.iter_child_nodes(node):
            if id(child) not in blocks and isinstance(child, ast.expr | ast.withitem | ast.keyword):
                once = isinstance(node, ast.For | ast.AsyncFor) and child is node.iter
                self.expression(child, targets, loops if once else inner)
        self._assign(node, targets)
        self.walk(_blocks(node), inner)

    def _targets(self, node: ast.stmt) -> tuple[str, ...]:
        if isinstance(node, ast.Assign):
            return tuple(name for target in node.targets for name in names_of(target))
        if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor):
            return tuple(names_of(node.target))
        if isinstance(node, ast.With | ast.AsyncWith):
            return tuple(
                name for item in node.items if item.optional_vars for name in names_of(item.optional_vars)
            )
        return ()

    def _assign(self, node: ast.stmt, targets: tuple[str, ...]) -> None:
        value = getattr(node, "value", None) or getattr(node, "iter", None)
        if not targets or not isinstance(value, ast.expr):
            return
        sources = self.ancestry(value)
        kept = isinstance(node, ast.AugAssign) or any(
            not isinstance(target, ast.Name | ast.Tuple | ast.List) for target in getattr(node, "targets", [])
        )
        for name in targets:
            before = self.origins.get(name, frozenset()) if kept else frozenset[str]()
            self.origins[name] = sources | before
        if len(targets) == 1 and not kept:
            self.kinds[targets[0]] = self.kind(value)

    def kind(self, value: ast.expr) -> str:
        """The class a value is made by, as far as the text tells."""
        if isinstance(value, ast.Call):
            if isinstance(value.func, ast.Attribute) and value.func.attr in {
                "fit",
                "set_output",
                "set_params",
            }:
                return self.kind(value.func.value)
            return dotted(value.func, self.imports)
        if isinstance(value, ast.Name):
            return self.kinds.get(value.id, "")
        if isinstance(value, ast.Attribute):
            return self.kinds.get(value.attr, "") if isinstance(value.value, ast.Name) else ""
        return ""

    def expression(self, node: ast.AST, targets: tuple[str, ...], loops: int) -> None:
        waiting = [(node, loops)]
        while waiting:
            one, depth = waiting.pop()
            if isinstance(one, ast.Call):
                self.calls.append(self._call(one, targets, depth))
            repeated = _repeated(one)
            waiting += [(child, depth + (id(child) in repeated)) for child in ast.iter_child_nodes(one)]

    def _call(self, node: ast.Call, targets: tuple[str, ...], loops: int) -> Call:
        name, kind = dotted(node.func, self.imports), ""
        method = name.rsplit(".", 1)[-1]
        if isinstance(node.func, ast.Attribute):
            method = node.func.attr
            kind = self.kind(node.func.value)
            first = name.split(".")[0] if name else ""
            root = node.func.value
            while isinstance(root, ast.Attribute):
                root = root.value
            if not name or not (isinstance(root, ast.Name) and root.id in self.imports):
                name = f".{method}" if not first or first not in self.imports.values() else name
        arguments = [value for value in node.args if not isinstance(value, ast.Starred)]
        return Call(
            node=node,
            name=name,
            method=method,
            kind=kind,
            arguments=tuple(self.ancestry(value) for value in arguments),
            direct=tuple(bases(value, modules=self.modules) for value in arguments),
            targets=targets,
            loops=loops,
        )


def _repeated(node: ast.AST) -> set[int]:
    """The parts of a comprehension that are evaluated again and again."""
    if isinstance(node, ast.DictComp):
        return {id(node.key), id(node.value)}
    return {id(node.elt)} if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp) else set()


def _blocks(node: ast.stmt) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(node, name, None)
        if isinstance(inner, list):
            found += [child for child in inner if isinstance(child, ast.stmt)]
    for handler in getattr(node, "handlers", []):
        found += handler.body
    for case in getattr(node, "cases", []):
        found += case.body
    return found


def trace(file: SourceFile) -> Flow:
    r"""Trace a file: resolve its imports and walk the module and every function once.

    Examples:
        >>> trace_text("def f(x):\n    return g(x)").scopes[1].calls[0].arguments
        (frozenset({'x'}),)
    """
    nodes = tuple(ast.walk(file.tree))
    imports = imports_of(nodes)
    scopes = []
    outer: dict[str, str] = {}
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in (file.tree, *sorted(functions, key=lambda one: one.lineno)):
        tracer = _Tracer(imports, outer)
        tracer.walk(node.body, 0)
        if isinstance(node, ast.Module):
            outer = tracer.kinds
            classes = [one for one in nodes if isinstance(one, ast.ClassDef)]
            for one in classes:  # calls in class bodies belong to the module
                tracer.walk([child for child in one.body if not isinstance(child, ast.ClassDef)], 0)
        name = "<module>" if isinstance(node, ast.Module) else node.name
        calls = tuple(sorted(tracer.calls, key=lambda call: (call.line, call.node.col_offset)))
        scopes.append(Scope(name=name, node=node, body=tuple(statements(node.body)), calls=calls))
    return Flow(file=file, imports=imports, scopes=tuple(scopes), nodes=nodes)


@cache
def trace_text(text: str) -> Flow:
    """Trace a text; for examples and tests.

    Raises:
        ValueError: When the text is not Python.

    Examples:
        >>> trace_text("f()").calls[0].name
        'f'
    """
    file = SourceFile(path="example.py", text=text, tree=ast.parse(text))
    return trace(file)
