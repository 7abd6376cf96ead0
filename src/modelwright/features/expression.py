"""Expressions of our own: a Python function of the project becomes a Polars expression, stored as data.

The function runs once, when the plan is compiled. What is stored with the plan is the expression it returned,
so that a server needs neither the project's code nor any trust in it: expressions that call back into Python
or into other libraries are refused when they are made and when they are read.
"""

import importlib.util
import io
import json
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from modelwright.features.derived import DerivedSpec
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import BundleRejected, DataInvalid

__all__ = ["express", "expression_of", "load_function"]

CODE = re.compile(r"Anonymous|Python|Ffi|Plugin|Udf")
"""Names of nodes that run code which is not part of Polars."""

FUNCTION_FAULTS = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    pl.exceptions.PolarsError,
)
"""What a function that is not ours may raise."""


def _runs_code(node: object) -> bool:
    if isinstance(node, dict):
        return any(CODE.search(str(key)) or _runs_code(value) for key, value in node.items())
    if isinstance(node, list):
        return any(map(_runs_code, node))
    return False


def _refused(what: str, function: str) -> DataInvalid:
    return DataInvalid(
        f"the feature function {function} {what}",
        why="a feature is made in the same way in training and in the server, out of its own row alone",
        next_step="return one Polars expression of the arguments, such as `amount / limit`",
    )


def load_function(reference: str, *, root: Path) -> tuple[Callable[..., object], str]:
    r"""Load a function from a Python file of the project.

    Args:
        reference: `module:function`; dots of the module are folders.
        root: The project's folder.

    Returns:
        The function, and the digest of its file.

    Raises:
        DataInvalid: When there is no such file or function, or the file cannot be run.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "signals.py").write_text("def ratio(a, b):\n    return a / b\n")
        ...     load_function("signals:ratio", root=Path(folder))[0].__name__
        'ratio'
    """
    module, _, name = reference.partition(":")
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        raise _refused(f"is looked for in {path.name}, which is not in the project", reference)
    found = importlib.util.spec_from_file_location(f"modelwright_features_{module.replace('.', '_')}", path)
    if found is None or found.loader is None:
        raise _refused("is in no Python file", reference)
    loaded = importlib.util.module_from_spec(found)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # nothing of ours is left in the project
    try:
        found.loader.exec_module(loaded)
        function = getattr(loaded, name)
    except FUNCTION_FAULTS as error:
        raise _refused(f"cannot be loaded: {type(error).__name__}: {error}", reference) from error
    finally:
        sys.dont_write_bytecode = written
    if not callable(function):
        raise _refused("is no function", reference)
    return function, digest_of_file(path)


def express(function: Callable[..., object], columns: Sequence[str], *, reference: str) -> str:
    """Call a function with its columns and return the expression it makes, in JSON.

    Raises:
        DataInvalid: When it raises, returns no expression, reads other columns or runs code.

    Examples:
        >>> express(lambda a, b: a / b, ("a", "b"), reference="signals:ratio")[:13]
        '{"BinaryExpr"'
    """
    try:
        with warnings.catch_warnings():
            # Polars warns of functions called for each value; they are refused below, with the reason.
            warnings.simplefilter("ignore", pl.exceptions.PolarsInefficientMapWarning)
            made = function(*map(pl.col, columns))
    except FUNCTION_FAULTS as error:
        raise _refused(f"raised {type(error).__name__}: {error}", reference) from error
    if not isinstance(made, pl.Expr):
        raise _refused(f"returned {type(made).__name__}, no Polars expression", reference)
    strange = sorted(set(made.meta.root_names()) - set(columns))
    if strange:
        raise _refused(f"reads {', '.join(strange)}, which the step does not name", reference)
    try:
        text = made.meta.serialize(format="json")
    except FUNCTION_FAULTS as error:
        raise _refused(f"makes an expression that cannot be stored: {error}", reference) from error
    if _runs_code(json.loads(text)):
        raise _refused("calls back into Python for each value", reference)
    return text


def expression_of(spec: DerivedSpec) -> pl.Expr:
    """Return the expression of a stored step.

    Raises:
        BundleRejected: When it would run code, or this version of Polars cannot read it.

    Examples:
        >>> stored = express(lambda a: a + 1, ("a",), reference="signals:next")
        >>> spec = DerivedSpec(kind="custom", inputs=(), outputs=("b",), expression=stored)
        >>> pl.DataFrame({"a": [1]}).select(expression_of(spec)).item()
        2
    """
    try:
        if _runs_code(json.loads(spec.expression)):
            raise BundleRejected(
                f"the stored expression of {spec.outputs[0]} would run code",
                why="bundles are loaded without trusting them",
                next_step="pack it again from a function that only combines Polars expressions",
            )
        return pl.Expr.deserialize(io.StringIO(spec.expression), format="json")
    except FUNCTION_FAULTS as error:
        raise BundleRejected(
            f"the stored expression of {spec.outputs[0]} cannot be read: {error}",
            why="a feature that cannot be made leaves the model without an input",
            next_step="install the version of Polars it was packed with, or pack it again",
        ) from error
