"""The request schema: what one row must bring, as JSON Schema, for clients that check before they ask."""

from collections.abc import Mapping

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.features.plan import FeaturePlan
from modelwright.kernel.digest import Json

__all__ = ["accepted_columns", "request_schema"]


def accepted_columns(contract: Contract) -> tuple[str, ...]:
    """Return the columns a row may bring: not the target, nothing excluded, nothing known only afterwards.

    Examples:
        >>> accepted_columns.__name__
        'accepted_columns'
    """
    return tuple(
        name
        for name, column in contract.data.columns.items()
        if column.role not in {"target", "excluded"}
        and (column.available_at != "after" or column.role == "entity")
    )


def _column(column: Column) -> dict[str, Json]:
    kinds: dict[str, list[Json]] = {
        "number": ["number"],
        "integer": ["number"],
        "boolean": ["boolean"],
        "category": ["string", "number", "boolean"],
        "text": ["string", "number", "boolean"],
        "datetime": ["string"],
    }
    if column.categories is not None and column.type in {"category", "text"}:
        listed: list[Json] = [*column.categories, *(str(code) for code in column.missing_codes)]
        return {"enum": [*listed, *([None] if column.nulls else [])]}
    made: dict[str, Json] = {"type": [*kinds[column.type], *(["null"] if column.nulls else [])]}
    if column.type == "integer":
        made["multipleOf"] = 1
    if column.type == "datetime":
        made["format"] = "date-time"
    if column.unit:
        made["description"] = f"in {column.unit}"
    if column.missing_codes:
        codes: list[Json] = list(column.missing_codes)
        return {"anyOf": [{"enum": codes}, {**made, **_bounds(column)}]}
    return {**made, **_bounds(column)}


def _bounds(column: Column) -> dict[str, Json]:
    low, high = column.range or (None, None)
    made: dict[str, Json] = {}
    if low is not None:
        made["minimum"] = low
    if high is not None:
        made["maximum"] = high
    return made


def request_schema(contract: Contract, plan: FeaturePlan) -> Mapping[str, Json]:
    """Return the JSON Schema of one row (draft 2020-12).

    Columns the model reads are required; null says that a value is not known, where that is allowed.

    Examples:
        >>> request_schema.__name__
        'request_schema'
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"one row for {contract.name}",
        "type": "object",
        "properties": {name: _column(contract.data.columns[name]) for name in accepted_columns(contract)},
        "required": list(plan.columns),
        "additionalProperties": False,
    }
