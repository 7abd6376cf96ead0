"""Records: facts are frozen, and each field has its sentence."""

import ast
from itertools import pairwise

from tests.house.tree import FILES, dataclasses_of, place


def test_every_dataclass_is_frozen():
    """An audit trail that can be edited is a diary."""
    mutable = [
        f"{place(path, record)} {record.name}"
        for path in FILES
        for record, decorator in dataclasses_of(path)
        if "frozen=True" not in ast.unparse(decorator)
    ]
    assert mutable == []


def test_every_field_of_a_record_has_its_own_sentence():
    """Editors, schemas and readers find the meaning where the name is."""
    silent = [
        f"{place(path, field)} {record.name}.{field.target.id}"
        for path in FILES
        for record, _ in dataclasses_of(path)
        if not record.name.startswith("_")
        for field, after in pairwise([*record.body, ast.Pass()])
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and not field.target.id.startswith("_")
        and not ast.unparse(field.annotation).startswith("ClassVar")
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert silent == []
