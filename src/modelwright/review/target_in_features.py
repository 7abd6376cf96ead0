"""TARGET-IN-FEATURES: the table of features still holds the target."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, Scope
from modelwright.review.rule import Focus, finding
from modelwright.review.source import own_nodes
from modelwright.review.transformer import is_cross_validation, is_split

__all__ = ["TargetInFeaturesRule"]

SAME = frozenset({"copy", "to_numpy", "astype", "reset_index", "dropna", "fillna", "sample", "to_pandas"})
"""Methods that keep the columns of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table: the name it was read into, and its columns: all but some, or only some."""

    root: str
    without: frozenset[str] = frozenset()
    only: frozenset[str] | None = None

    def holds(self, column: str) -> bool:
        return column in self.only if self.only is not None else column not in self.without


class TargetInFeaturesRule:
    """`X` and `y` come from one table, and the column of `y` is still in `X`.

    Examples:
        >>> TargetInFeaturesRule().code
        'TARGET-IN-FEATURES'
    """

    code = "TARGET-IN-FEATURES"
    category = "leakage"
    severity = Severity.CRITICAL
    foci: tuple[Focus, ...] = ("ml practice",)
    why = "The model reads the answer from its input; in production the column is empty or missing."
    fix = "Drop the target from the features before anything is fitted."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a fit or split whose features hold their target."""
        for scope in flow.scopes:
            reader = _Reader()
            calls = {id(call.node): call for call in scope.calls if _judges(call)}
            for statement in scope.body if calls else ():
                for node in own_nodes(statement):
                    if isinstance(node, ast.Call) and id(node) in calls:
                        yield from self._judged(flow, scope, calls[id(node)], reader)
                reader.read(statement)

    def _judged(self, flow: Flow, scope: Scope, call: Call, reader: "_Reader") -> Iterator[Finding]:
        shift = 1 if is_cross_validation(call) else 0
        arguments = [value for value in call.node.args if not isinstance(value, ast.Starred)]
        if len(arguments) < 2 + shift:
            return
        table = reader.table(arguments[shift])
        target = reader.target(arguments[1 + shift])
        if table is None or target is None or table.root != target[0] or not table.holds(target[1]):
            return
        yield finding(
            self,
            flow,
            call.node,
            title=f"'{target[1]}' is both feature and target in {scope.name}",
            confidence=93,
            evidence=(
                f"{ast.unparse(arguments[shift])} comes from {table.root} and still holds '{target[1]}'",
            ),
        )


def _judges(call: Call) -> bool:
    return is_split(call) or is_cross_validation(call) or call.method in {"fit", "fit_transform"}


def _texts(node: ast.expr | None) -> frozenset[str] | None:
    """The texts of a literal or list of literals; None when it is anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset({node.value})
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        found = [
            one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        return frozenset(found) if len(found) == len(node.elts) else None
    return None


class _Reader:
    """Follows tables and target columns through the statements of one scope."""

    def __init__(self) -> None:
        self.tables: dict[str, _Table] = {}
        self.targets: dict[str, tuple[str, str]] = {}
        self.lists: dict[str, frozenset[str]] = {}
        self.unknown: set[str] = set()

    def read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Delete):
            for target in statement.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    self._without(target.value.id, _texts(target.slice))
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._in_place(statement.value)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return
        target, value = statement.targets[0], statement.value
        if not isinstance(target, ast.Name):
            return
        listed = self._listed(value)
        table, column = self.table(value), self.target(value)
        for known in (self.lists, self.tables, self.targets):
            known.pop(target.id, None)
        if listed is not None:
            self.lists[target.id] = listed
        elif column is not None:
            self.targets[target.id] = column
            if (
                isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and value.func.attr == "pop"
            ):
                self._without(column[0], frozenset({column[1]}))
        elif table is not None:
            same = table.root == target.id
            self.tables[target.id] = (
                table if not same else _Table(root=target.id, without=table.without, only=table.only)
            )
        else:
            self.unknown.add(target.id)
            self.tables[target.id] = _Table(root=target.id)

    def _listed(self, value: ast.expr) -> frozenset[str] | None:
        listed = _texts(value) if isinstance(value, ast.List | ast.Tuple) else None
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            left, right = self._listed(value.left), self._listed(value.right)
            return left | right if left is not None and right is not None else None
        if isinstance(value, ast.Name):
            return self.lists.get(value.id)
        return listed

    def _without(self, name: str, columns: frozenset[str] | None) -> None:
        table = self.tables.get(name, _Table(root=name))
        gone = columns or frozenset()
        only = table.only - gone if table.only is not None else None
        self.tables[name] = _Table(root=table.root, without=table.without | gone, only=only)

    def _in_place(self, call: ast.Call) -> None:
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in {"drop", "pop"}:
            return
        placed = any(word.arg == "inplace" for word in call.keywords) or call.func.attr == "pop"
        if placed and isinstance(call.func.value, ast.Name):
            self._without(call.func.value.id, self._dropped(call))

    def _dropped(self, call: ast.Call) -> frozenset[str] | None:
        given = next((word.value for word in call.keywords if word.arg in {"columns", "labels"}), None)
        given = given or (call.args[0] if call.args else None)
        return self._listed(given) if isinstance(given, ast.Name) else _texts(given)

    def table(self, node: ast.expr) -> _Table | None:
        """The table of an expression, None when its columns are not known."""
        if isinstance(node, ast.Name):
            return self.tables.get(node.id, _Table(root=node.id))
        if isinstance(node, ast.Attribute) and node.attr == "values":
            return self.table(node.value)
        if isinstance(node, ast.Subscript):
            columns = self._listed(node.slice) if not isinstance(node.slice, ast.Constant) else None
            whole = self.table(node.value)
            return _Table(root=whole.root, only=columns) if whole and columns is not None else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whole = self.table(node.func.value)
            if whole is None:
                return None
            if node.func.attr in SAME:
                return whole
            dropped = self._dropped(node) if node.func.attr == "drop" else None
            if dropped is not None:
                only = whole.only - dropped if whole.only is not None else None
                return _Table(root=whole.root, without=whole.without | dropped, only=only)
        return None

    def target(self, node: ast.expr) -> tuple[str, str] | None:
        """The table and column of an expression that is one column."""
        if isinstance(node, ast.Name):
            return self.targets.get(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                return self._root(node.value.id), node.slice.value
            return None
        if isinstance(node, ast.Attribute):
            return self.target(node.value) if node.attr == "values" else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            column = _texts(node.args[0]) if node.args else None
            if (
                node.func.attr == "pop"
                and isinstance(node.func.value, ast.Name)
                and column
                and len(column) == 1
            ):
                return self._root(node.func.value.id), next(iter(column))
            return (
                self.target(node.func.value) if node.func.attr in SAME | {"map", "replace", "ravel"} else None
            )
        return None

    def _root(self, name: str) -> str:
        return self.tables.get(name, _Table(root=name)).root
