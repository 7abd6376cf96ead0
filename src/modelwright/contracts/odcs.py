"""The Open Data Contract Standard, version 3 (Bitol): export of our data contract.

What the standard has words for is said in them; the rest of the data contract stands in its
`customProperties`, under names that begin with `modelwright`, so that reading the file back gives an equal
data contract. What is agreed about the decision, the model and its operation is not of the data, and is told
as lost.
"""

import json
import re
from collections.abc import Iterator, Mapping

from modelwright.contracts.check import CheckLine, parse_check
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column, DataContract
from modelwright.contracts.exchange import Exported
from modelwright.contracts.odcs_reading import native_column, native_data, property_name
from modelwright.contracts.yaml_text import render_yaml

__all__ = ["to_odcs"]

VERSION = "v3.1.0"
LOGICAL = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "category": "string",
    "text": "string",
    "datetime": "timestamp",
}
"""Our types and theirs."""
CLASSES = {"direct": "restricted", "sensitive": "confidential", "indirect": "internal"}
"""Our classes of personal data and the words usual for theirs."""
SPAN = re.compile(r"(\d+)([dhm])")
LOST = (
    "decision (its goal and action stand as description)",
    "prediction",
    "evaluation",
    "gates",
    "rollout",
    "monitoring",
    "stack",
)
"""What the standard has no words for."""
NATIVE = frozenset({"grain", "primary_key", "checks", "columns"})
"""Keys of `data` that are said in the standard's own words."""


def _custom(value: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"property": property_name(key), "value": said} for key, said in value.items()]


def _options(column: Column) -> dict[str, object]:
    options: dict[str, object] = {}
    if column.range is not None and column.type in {"number", "integer"}:
        low, high = column.range
        whole = column.type == "integer"
        for key, bound in (("minimum", low), ("maximum", high)):
            if bound is not None:
                options[key] = int(bound) if whole and float(bound).is_integer() else bound
    if column.pattern is not None:
        options["pattern"] = f"^(?:{column.pattern})$"
    return options


def _property(name: str, column: Column, key: tuple[str, ...]) -> dict[str, object]:
    said: dict[str, object] = {"name": name, "logicalType": LOGICAL[column.type]}
    if name in key:
        said |= {"primaryKey": True, "primaryKeyPosition": key.index(name) + 1}
    if not column.nulls:
        said["required"] = True
    if column.pii != "none":
        said["classification"] = CLASSES[column.pii]
    options = _options(column)
    if options:
        said["logicalTypeOptions"] = options
    if column.categories is not None:
        arguments = {"validValues": list(column.categories)}
        severity = {"severity": "warning"} if "categories" in column.warn else {}
        said["quality"] = [
            {"type": "library", "metric": "invalidValues", "arguments": arguments, "mustBe": 0, **severity}
        ]
    native = Column.model_validate(native_column(said, name).said)
    own = column.model_dump(mode="json")
    other = native.model_dump(mode="json")
    differing = {field: own.get(field) for field in Column.model_fields if own.get(field) != other.get(field)}
    if differing:
        said["customProperties"] = _custom(differing)
    return said


def _rule(text: str) -> dict[str, object]:
    line = parse_check(text)
    severity = {"severity": line.severity}
    count = _row_count(line)
    if count is not None:
        return {"type": "library", "metric": "rowCount", **count, **severity}
    if line.term.op == "unique":
        arguments = {"properties": list(line.term.columns())}
        rule = {"type": "library", "metric": "duplicateValues", "arguments": arguments, "mustBe": 0}
        return {**rule, **severity}
    return {"type": "custom", "engine": "modelwright", "implementation": line.text, **severity}


def _row_count(line: CheckLine) -> dict[str, object] | None:
    """Return the standard's words for a check that only counts rows."""
    operators = {
        "=": "mustBe",
        "!=": "mustNotBe",
        ">": "mustBeGreaterThan",
        ">=": "mustBeGreaterOrEqualTo",
        "<": "mustBeLessThan",
        "<=": "mustBeLessOrEqualTo",
    }
    term = line.term
    if term.op not in operators or term.args[0].op != "row_count" or term.args[1].op != "number":
        return None
    bound = float(str(term.args[1].value))
    plain = f"row_count {term.op} {term.args[1]!s}"
    # Only the usual spelling comes back as it was written; other spellings are passed as they stand.
    return {operators[term.op]: int(bound) if bound.is_integer() else bound} if line.text == plain else None


def _sla(data: DataContract) -> Iterator[dict[str, object]]:
    match = SPAN.fullmatch(data.freshness)
    if match is not None:
        yield {"property": "freshness", "value": int(match[1]), "unit": match[2]}
    delay = SPAN.fullmatch(data.label.delay)
    if delay is not None:
        described = "how long after the event the label arrives"
        yield {"property": "latency", "value": int(delay[1]), "unit": delay[2], "description": described}


def to_odcs(contract: Contract) -> Exported:
    """Write the data contract in the words of the Open Data Contract Standard.

    Args:
        contract: What was agreed.

    Returns:
        The YAML text, valid under the standard's JSON Schema, and what it has no words for.

    Examples:
        >>> to_odcs.__name__
        'to_odcs'
    """
    data = contract.data
    table: dict[str, object] = {"name": contract.name, "logicalType": "object"}
    if data.grain:
        table["dataGranularityDescription"] = data.grain
    table["properties"] = [_property(name, column, data.primary_key) for name, column in data.columns.items()]
    if data.checks:
        table["quality"] = [_rule(text) for text in data.checks]
    said: dict[str, object] = {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": contract.name,
        "name": contract.name,
        "version": contract.digest.removeprefix("sha256:")[:12],
        "status": "active",
        "description": {"purpose": contract.decision.goal, "usage": contract.decision.action},
        "schema": [table],
    }
    promises = list(_sla(data))
    if promises:
        said["slaProperties"] = promises
    native = native_data(json.loads(json.dumps(said)))
    own = data.model_dump(mode="json", exclude_defaults=True)
    differing = {
        key: value for key, value in own.items() if key not in NATIVE and native.data.get(key) != value
    }
    if tuple(native.checks) != data.checks:
        differing["checks"] = list(data.checks)
    if native.data.get("primary_key", []) != list(data.primary_key):
        differing["primary_key"] = list(data.primary_key)
    if differing:
        said["customProperties"] = _custom(differing)
    return Exported(text=render_yaml(said), lost=LOST)
