"""The Open Data Contract Standard, version 3: what a contract in it says of one table."""

import re
from collections.abc import Iterator, Mapping

from modelwright.contracts.exchange import Promises, name_of, number_of, whole_pattern
from modelwright.contracts.tree import read_tree
from modelwright.kernel.errors import ContractInvalid, UnknownName

__all__ = ["NativeColumn", "from_odcs", "native_column", "native_data", "property_name"]

PREFIX = "modelwright"
TYPES = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "date": "datetime",
    "timestamp": "datetime",
}
"""Their logical types and ours."""
OPERATORS = {
    "mustBe": "=",
    "mustNotBe": "!=",
    "mustBeGreaterThan": ">",
    "mustBeGreaterOrEqualTo": ">=",
    "mustBeLessThan": "<",
    "mustBeLessOrEqualTo": "<=",
}
RULES = {
    "nullCheck": "nullValues",
    "nullValues": "nullValues",
    "not_null": "nullValues",
    "missingValues": "missingValues",
    "validValues": "invalidValues",
    "invalidValues": "invalidValues",
    "duplicateCount": "duplicateValues",
    "duplicateValues": "duplicateValues",
    "uniqueCheck": "duplicateValues",
    "unique": "duplicateValues",
    "rowCount": "rowCount",
}
"""Names of library rules, those of version 3.0 among them."""
UNITS = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hr", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "m"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("s", "second", "seconds"), "s"),
}
KNOWN = frozenset(
    {
        "name", "logicalType", "logicalTypeOptions", "physicalType", "physicalName", "required", "unique",
        "primaryKey", "primaryKeyPosition", "quality", "customProperties", "classification", "description",
        "businessName", "id", "enum",
    }
)  # fmt: skip
"""Keys of a property that are read; the other ones are told as lost."""


def property_name(key: str) -> str:
    """Return the name under which the standard's custom properties carry one of our keys.

    Examples:
        >>> property_name("available_at")
        'modelwrightAvailableAt'
    """
    return PREFIX + "".join(part.capitalize() for part in key.split("_"))


def _own(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removeprefix(PREFIX)).lower()


class NativeColumn:
    """What a property says of a column.

    Examples:
        >>> native_column({"name": "age", "logicalType": "integer"}, "age").said
        {'type': 'integer'}
    """

    def __init__(self) -> None:
        """Begin with nothing said: promises under our keys, check lines, and what has no place."""
        self.said: dict[str, object] = {}
        self.checks: list[str] = []
        self.lost: list[str] = []


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _customs(value: object) -> Iterator[tuple[str, object]]:
    for item in _list(value):
        said = _map(item)
        yield str(said.get("property", "")), said.get("value")


def _warned(rule: Mapping[str, object], text: str) -> str:
    return (
        f"warn {text}"
        if str(rule.get("severity", "error")).casefold() in {"warning", "warn", "info"}
        else text
    )


def _compared(rule: Mapping[str, object], left: str) -> str | None:
    """Return the condition that a rule's operator makes of a measured value."""
    percent = rule.get("unit") == "percent"
    for key, sign in OPERATORS.items():
        number = _number(rule.get(key))
        if number is not None:
            return f"{left} {sign} {number_of(number)}{'%' if percent else ''}"
    for key, denied in (("mustBeBetween", ""), ("mustNotBeBetween", "not ")):
        ends = [_number(end) for end in _list(rule.get(key))]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            sign = "%" if percent else ""
            return f"{left} {denied}between {number_of(ends[0])}{sign} and {number_of(ends[1])}{sign}"
    return None


def _range(options: Mapping[str, object], found: NativeColumn, name: str) -> None:
    low, high = _number(options.get("minimum")), _number(options.get("maximum"))
    for key, sign in (("exclusiveMinimum", ">"), ("exclusiveMaximum", "<")):
        bound = _number(options.get(key))
        if options.get(key) is True:  # as in version 3.0: the bound itself is left out
            bound, low, high = (low, None, high) if sign == ">" else (high, low, None)
        if bound is not None:
            found.checks.append(f"{name_of(name)} {sign} {number_of(bound)}")
    if low is not None or high is not None:
        found.said["range"] = (low, high)


def _lengths(options: Mapping[str, object], found: NativeColumn, name: str) -> None:
    for key, sign in (("minLength", ">="), ("maxLength", "<=")):
        bound = _number(options.get(key))
        if bound is not None:
            found.checks.append(f"length({name_of(name)}) {sign} {number_of(bound)}")


def _options(value: object, found: NativeColumn, name: str) -> None:
    options = _map(value)
    numeric = found.said["type"] in {"number", "integer"}
    if numeric:
        _range(options, found, name)
    elif found.said["type"] == "text":
        _lengths(options, found, name)
        pattern = options.get("pattern")
        if isinstance(pattern, str):
            found.said["pattern"] = whole_pattern(pattern, searched=True)
    read = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} if numeric else set()
    read |= {"minLength", "maxLength", "pattern"} if found.said["type"] == "text" else set()
    found.lost += [f"{name}: logicalTypeOptions.{key}" for key in options if key not in read]


def _rule(rule: Mapping[str, object], found: NativeColumn, name: str) -> None:
    """Read a quality rule of a column."""
    column = name_of(name)
    metric = RULES.get(str(rule.get("metric") or rule.get("rule") or ""))
    arguments = _map(rule.get("arguments")) or rule
    none = rule.get("mustBe") == 0 or not any(key in rule for key in (*OPERATORS, "mustBeBetween"))
    stops = _warned(rule, "") == ""
    percent = rule.get("unit") == "percent"
    line: str | None = None
    if rule.get("type") == "custom" and rule.get("engine") == PREFIX:
        line = str(rule.get("implementation", ""))
    elif metric in {"nullValues", "missingValues"}:
        codes = [code for code in _list(arguments.get("missingValues")) if code not in {None, ""}]
        if codes:
            found.said["missing_codes"] = tuple(codes)
        if none:
            found.said["nulls"] = False
            found.said |= {} if stops else {"warn": ("nulls",)}
            return
        line = _compared(rule, f"null_share({column})" if percent else f"null_count({column})")
    elif metric == "invalidValues" and none:
        _valid(arguments, found, stops=stops)
        return
    elif metric == "duplicateValues":
        repeated = f"count({column}) - distinct({column})"
        line = (
            f"unique({column})"
            if none
            else _compared(rule, f"1 - distinct_share({column})" if percent else repeated)
        )
    if line:
        found.checks.append(_warned(rule, line))
    else:
        found.lost.append(f"{name}: quality rule {_told(rule)}")


def _valid(arguments: Mapping[str, object], found: NativeColumn, *, stops: bool) -> None:
    values, pattern = _list(arguments.get("validValues")), arguments.get("pattern")
    if values:
        found.said |= {"type": "category", "categories": tuple(str(value) for value in values)}
    if isinstance(pattern, str):
        found.said["pattern"] = whole_pattern(pattern, searched=True)
    if not stops:
        found.said["warn"] = ("categories",) if values else ("pattern",)


def _told(rule: Mapping[str, object]) -> str:
    words = (
        rule.get("name"),
        rule.get("metric"),
        rule.get("rule"),
        rule.get("description"),
        rule.get("type"),
    )
    return str(next((word for word in words if word), "without a name"))[:80]


def native_column(said: Mapping[str, object], name: str) -> NativeColumn:
    """Read a property of the standard as a column.

    Args:
        said: The property.
        name: The column's name.

    Examples:
        >>> native_column({"logicalType": "string", "required": True}, "job").said
        {'type': 'text', 'nulls': False}
    """
    found = NativeColumn()
    logical = str(said.get("logicalType", "string"))
    found.said["type"] = TYPES.get(logical, "text")
    if logical not in TYPES:
        found.lost.append(f"{name}: logicalType {logical}")
    if said.get("required") is True:
        found.said["nulls"] = False
    _options(said.get("logicalTypeOptions"), found, name)
    values = _list(said.get("enum"))
    if values and logical == "string":
        listed = [_map(value).get("value", value) for value in values]
        found.said |= {"type": "category", "categories": tuple(map(str, listed))}
    for rule in _list(said.get("quality")):
        _rule(_map(rule), found, name)
    if said.get("unique") is True:
        found.checks.append(f"unique({name_of(name)})")
    customs = dict(_customs(said.get("customProperties")))
    own = {_own(key): value for key, value in customs.items() if key.startswith(PREFIX)}
    found.said |= own
    found.lost += [f"{name}: customProperties.{key}" for key in customs if not key.startswith(PREFIX)]
    if said.get("classification") and "pii" not in own:
        found.lost.append(f"{name}: classification {said['classification']} (set `pii` by hand)")
    found.lost += [f"{name}: {key}" for key in said if key not in KNOWN]
    return found


def _table_rule(rule: Mapping[str, object], found: NativeColumn) -> None:
    metric = RULES.get(str(rule.get("metric") or rule.get("rule") or ""))
    line: str | None = None
    if rule.get("type") == "custom" and rule.get("engine") == PREFIX:
        line = str(rule.get("implementation", ""))
    elif metric == "rowCount":
        line = _compared(rule, "row_count")
    elif metric == "duplicateValues" and rule.get("mustBe") == 0:
        names = [name_of(str(name)) for name in _list(_map(rule.get("arguments")).get("properties"))]
        line = f"unique({', '.join(names)})" if names else None
    if line:
        found.checks.append(_warned(rule, line))
    else:
        found.lost.append(f"quality rule {_told(rule)}")


def native_data(said: Mapping[str, object], *, table: str = "") -> Promises:
    """Read a whole contract of the standard.

    Args:
        said: The contract as plain values.
        table: The schema object to read; empty takes the first.

    Raises:
        UnknownName: When there is no such object; the nearest name is offered.

    Examples:
        >>> native_data({"schema": [{"name": "t", "properties": [{"name": "a"}]}]}).columns
        {'a': {'type': 'text'}}
    """
    objects = {str(_map(item).get("name", "")): _map(item) for item in _list(said.get("schema"))}
    if table and table not in objects:
        raise UnknownName.among("schema object", table, objects)
    chosen = table or next(iter(objects), "")
    found = NativeColumn()
    columns: dict[str, Mapping[str, object]] = {}
    key: list[tuple[int, str]] = []
    for place, item in enumerate(_list(objects.get(chosen, {}).get("properties"))):
        prop = _map(item)
        name = str(prop.get("name", ""))
        column = native_column(prop, name)
        columns[name] = column.said
        found.checks += column.checks
        found.lost += column.lost
        if prop.get("primaryKey") is True:
            position = _number(prop.get("primaryKeyPosition"))
            key.append((int(position) if position and position > 0 else place + 1, name))
    for rule in _list(objects.get(chosen, {}).get("quality")):
        _table_rule(_map(rule), found)
    data = _data(said, objects.get(chosen, {}), found)
    if key and "primary_key" not in data:
        data["primary_key"] = [name for _, name in sorted(key)]
    checks = data.pop("checks", None)
    found.lost += [f"schema object {name}" for name in objects if name != chosen]
    return Promises(
        columns=columns,
        checks=tuple(map(str, _list(checks))) if checks is not None else tuple(found.checks),
        data=data,
        lost=tuple(found.lost),
    )


def _data(said: Mapping[str, object], table: Mapping[str, object], found: NativeColumn) -> dict[str, object]:
    data: dict[str, object] = {}
    if table.get("dataGranularityDescription"):
        data["grain"] = str(table["dataGranularityDescription"])
    for item in _list(said.get("slaProperties")):
        sla = _map(item)
        unit = UNITS.get(str(sla.get("unit", "")))
        if sla.get("property") == "freshness" and unit and _number(sla.get("value")) is not None:
            data["freshness"] = f"{number_of(sla['value'])}{unit}"
        elif sla.get("property") != "latency":
            found.lost.append(f"slaProperties {sla.get('property')}")
    for name, value in _customs(said.get("customProperties")):
        if name.startswith(PREFIX):
            data[_own(name)] = value
        else:
            found.lost.append(f"customProperties.{name}")
    passed = {"servers", "team", "roles", "price", "support", "tags", "authoritativeDefinitions"}
    found.lost += [key for key in said if key in passed]
    return data


def from_odcs(text: str, *, name: str, table: str = "") -> Promises:
    r"""Read a contract of the Open Data Contract Standard.

    Args:
        text: The YAML (or JSON) text.
        name: The name the text goes by in messages.
        table: The schema object to read; empty takes the first.

    Raises:
        ContractInvalid: When the text is no contract of version 3 of the standard.
        UnknownName: When there is no such schema object.

    Examples:
        >>> text = (
        ...     "apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - name: t\n    properties: [{name: a}]\n"
        ... )
        >>> from_odcs(text, name="calls.odcs.yaml").columns
        {'a': {'type': 'text'}}
    """
    tree, faults = read_tree(text, name=name)
    said = tree.value
    if faults:
        raise ContractInvalid(
            f"{name} cannot be read", why="a file read in part says something else", faults=faults
        )
    version = str(said.get("apiVersion", ""))
    if said.get("kind") != "DataContract" or not version.startswith("v3."):
        raise ContractInvalid(
            f"{name} is no contract of version 3 of the Open Data Contract Standard",
            why="other versions use other words",
            next_step="bring it to version 3, or say its format with --format",
            found=f"kind {said.get('kind')}, apiVersion {version or 'not given'}",
            expected="kind: DataContract, apiVersion: v3.x",
        )
    return native_data(said, table=table)
