"""The contract's JSON Schema (draft 2020-12), so that editors complete and check while one types.

It says what each key may hold. What parts must say about each other is checked when the contract is read.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from modelwright.contracts.contract import Contract
from modelwright.kernel.digest import Json

__all__ = ["json_schema", "schema_text", "write_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Mapping[str, Json]:
    """Make the schema out of the contract's records.

    Examples:
        >>> json_schema()["required"]
        ['name', 'decision', 'prediction', 'data', 'evaluation']
    """
    return {"$schema": DIALECT, **Contract.model_json_schema(mode="validation")}


def schema_text() -> str:
    """Return the schema as it ships with the package; a test holds it equal to `json_schema`.

    Examples:
        >>> '"required"' in schema_text()
        True
    """
    return files("modelwright.contracts").joinpath("contract.schema.json").read_text(encoding="utf-8")


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
