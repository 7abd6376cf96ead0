"""The contract's JSON Schema (draft 2020-12), so that editors complete and check while one types.

It says what each key may hold. What parts must say about each other is checked when the contract is read.
The schema ships as a file: the sentences that explain the fields are taken out of the source once, when it
is made, and not by every command that reads a contract.
"""

import ast
import inspect
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

from modelwright.contracts.contract import Contract
from modelwright.contracts.section import Section

__all__ = ["explanation", "json_schema", "make_schema", "schema_text", "write_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """Return the schema as it ships with the package.

    Examples:
        >>> '"required"' in schema_text()
        True
    """
    return files("modelwright.contracts").joinpath("contract.schema.json").read_text(encoding="utf-8")


@cache
def json_schema() -> Mapping[str, object]:
    """Return the schema as it ships; a test holds it equal to what `make_schema` makes.

    Examples:
        >>> json_schema()["required"]
        ['name', 'decision', 'prediction', 'data', 'evaluation']
    """
    schema: dict[str, object] = json.loads(schema_text())
    return schema


def explanation(section: type[Section], field: str) -> str:
    """Return the sentences that explain a field of a section; empty when the schema has none.

    Examples:
        >>> explanation(Contract, "mode")
        'How much is done: prototype, production, platform.'
    """
    schema = json_schema()
    definitions = schema.get("$defs")
    own = definitions.get(section.__name__) if isinstance(definitions, dict) else None
    properties = (schema if section is Contract else own or {}).get("properties", {})
    part = properties.get(field, {}) if isinstance(properties, dict) else {}
    return str(part.get("description", ""))


def make_schema() -> Mapping[str, object]:
    """Make the schema out of the contract's records and the sentences in their source.

    Examples:
        >>> make_schema() == json_schema()
        True
    """
    schema = {"$schema": DIALECT, **Contract.model_json_schema(mode="validation")}
    sections = {section.__name__: section for section in _sections()}
    for name, part in [("Contract", schema), *schema["$defs"].items()]:
        section = sections[name]
        part["description"] = inspect.cleandoc(section.__doc__ or "").partition("\n\n")[0]
        for field, sentence in _sentences(section).items():
            part["properties"][field]["description"] = sentence
    return schema


def _sections(base: type[Section] = Section) -> list[type[Section]]:
    found = []
    for section in base.__subclasses__():
        if section.__module__.startswith("modelwright.contracts."):
            found += [section, *_sections(section)]
    return found


def _sentences(section: type[Section]) -> dict[str, str]:
    """Take the docstring that follows each field out of the source of a section."""
    (declared,) = ast.parse(dedent(inspect.getsource(section))).body
    body = declared.body if isinstance(declared, ast.ClassDef) else []
    found = {}
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(sentence))):
                found[name] = " ".join(sentence.split())
            case _:
                pass
    return found


def write_schema(path: Path) -> None:
    """Write the schema where the first line of a rendered contract points editors to.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_schema(Path(folder, "contract.schema.json"))
        ...     Path(folder, "contract.schema.json").stat().st_size > 10_000
        True
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(schema_text(), encoding="utf-8")
