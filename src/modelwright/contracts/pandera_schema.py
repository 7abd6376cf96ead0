"""Pandera: schemas in its YAML or JSON form (`to_yaml`, `to_json`), read and written without the library.

A schema written in Python is never run; `schema.to_yaml()` turns it into the form that is read here.
"""

from collections.abc import Callable, Mapping

from modelwright.contracts.check import parse_check
from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.exchange import Exported, Promises, name_of, number_of, whole_pattern
from modelwright.contracts.term import Term
from modelwright.contracts.tree import read_tree
from modelwright.contracts.yaml_text import render_yaml
from modelwright.kernel.errors import ContractInvalid

__all__ = ["from_pandera", "to_pandera"]

DTYPES = {
    "number": "Float64",
    "integer": "Int64",
    "boolean": "Boolean",
    "category": "String",
    "text": "String",
    "datetime": "Datetime(time_unit='us', time_zone=None)",
}
"""Our types as Pandera writes those of Polars."""
STARTS = {
    "int": "integer",
    "uint": "integer",
    "float": "number",
    "decimal": "number",
    "bool": "boolean",
    "str": "text",
    "object": "text",
    "utf8": "text",
    "categor": "category",
    "enum": "category",
    "date": "datetime",
    "timestamp": "datetime",
}
"""How names of types begin in Pandera's back ends, lower case, and our types."""
COMPARED = {
    "greater_than": ">",
    "greater_than_or_equal_to": ">=",
    "less_than": "<",
    "less_than_or_equal_to": "<=",
    "equal_to": "=",
    "not_equal_to": "!=",
}
KEYS = frozenset(
    {"title", "description", "dtype", "nullable", "unique", "coerce", "required", "regex", "checks", "name"}
)
"""Keys of a column that are not checks; the other ones are."""
SCHEMA_KEYS = frozenset({"checks", "index", "coerce", "strict", "ordered", "dtype"})
"""Keys of a schema that have no place when they are set."""

Said = Mapping[str, object]


def _map(value: object) -> Said:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    number = _number(value)
    return number_of(number) if number is not None else str(Term(op="text", value=str(value)))


class _Reader:
    """What a column has said so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: dict[str, object] = {}
        self.checks: list[str] = []
        self.warned = False

    def promise(self, key: str, value: object) -> bool:
        """Make a promise of the column, once."""
        if key in self.said:
            return False
        self.said[key] = value
        if self.warned:
            warn = self.said.get("warn", ())
            self.said["warn"] = (*(warn if isinstance(warn, tuple) else ()), key)
        return True

    def check(self, line: str) -> bool:
        self.checks.append(f"warn {line}" if self.warned else line)
        return True


def _in_range(reader: _Reader, value: object) -> bool:
    said = _map(value)
    low, high = _number(said.get("min_value")), _number(said.get("max_value"))
    open_ends = said.get("include_min") is False or said.get("include_max") is False
    if low is None and high is None:
        return False
    if not open_ends and reader.promise("range", (low, high)):
        return True
    left, right = ("<" if said.get(key) is False else "<=" for key in ("include_min", "include_max"))
    name = name_of(reader.name)
    parts = [f"{number_of(low)} {left} {name}"] if low is not None else []
    parts += [f"{name} {right} {number_of(high)}"] if high is not None else []
    return reader.check(" and ".join(parts))


def _compared(reader: _Reader, check: str, value: object) -> bool:
    sign, number = COMPARED[check], _number(value)
    numeric = reader.said.get("type") in {"number", "integer"}
    if number is not None and numeric and sign in {">=", "<="} and "range" not in reader.said:
        return reader.promise("range", (number, None) if sign == ">=" else (None, number))
    return value is not None and reader.check(f"{name_of(reader.name)} {sign} {_literal(value)}")


def _isin(reader: _Reader, value: object) -> bool:
    values = value if isinstance(value, list) else _map(value).get("allowed_values")
    if not isinstance(values, list) or not values:
        return False
    if all(isinstance(each, str) for each in values) and "categories" not in reader.said:
        reader.said["type"] = "category"
        return reader.promise("categories", tuple(dict.fromkeys(values)))
    return reader.check(f"{name_of(reader.name)} in [{', '.join(map(_literal, values))}]")


def _notin(reader: _Reader, value: object) -> bool:
    values = value if isinstance(value, list) else _map(value).get("forbidden_values")
    if not isinstance(values, list) or not values:
        return False
    return reader.check(f"{name_of(reader.name)} not in [{', '.join(map(_literal, values))}]")


def _pattern(reader: _Reader, value: object, *, searched: bool) -> bool:
    if not isinstance(value, str):
        return False
    whole = whole_pattern(value, searched=searched)
    return reader.promise("pattern", whole) or reader.check(
        f"{name_of(reader.name)} matches {_literal(whole)}"
    )


def _length(reader: _Reader, value: object) -> bool:
    said, left = _map(value), f"length({name_of(reader.name)})"
    found = False
    for key, sign in (("min_value", ">="), ("max_value", "<="), ("exact_value", "=")):
        number = _number(said.get(key))
        if number is not None:
            found = reader.check(f"{left} {sign} {number_of(number)}")
    return found


def _edge(reader: _Reader, value: object, *, start: bool) -> bool:
    if not isinstance(value, str):
        return False
    escaped = "".join(f"\\{letter}" if letter in r"\.+*?()[]{}|^$" else letter for letter in value)
    pattern = f"{escaped}(?s:.*)" if start else f"(?s:.*){escaped}"
    return reader.check(f"{name_of(reader.name)} matches {_literal(pattern)}")


READERS: Mapping[str, Callable[[_Reader, object], bool]] = {
    "in_range": _in_range,
    "between": _in_range,
    "isin": _isin,
    "notin": _notin,
    "str_matches": lambda reader, value: _pattern(reader, value, searched=False),
    "str_contains": lambda reader, value: _pattern(reader, value, searched=True),
    "str_length": _length,
    "str_startswith": lambda reader, value: _edge(reader, value, start=True),
    "str_endswith": lambda reader, value: _edge(reader, value, start=False),
}


def _checks_of(said: Said) -> list[tuple[str, object]]:
    """Return the checks of a column in any of the forms Pandera has written them in."""
    found: list[tuple[str, object]] = [(key, value) for key, value in said.items() if key not in KEYS]
    listed = said.get("checks")
    if isinstance(listed, Mapping):
        found += list(listed.items())
    for item in listed if isinstance(listed, list) else []:
        options = _map(_map(item).get("options"))
        name = options.get("check_name")
        if name:
            inside = {key: value for key, value in _map(item).items() if key != "options"}
            found.append((str(name), {**inside, "options": options}))
    return found


def _read_check(reader: _Reader, check: str, value: object) -> bool:
    said = _map(value)
    options = {**_map(said.get("options")), **said}
    reader.warned = options.get("raise_warning") is True
    plain = {key: part for key, part in said.items() if key not in {"options", "raise_warning"}}
    inner = plain.get("value", value) if set(plain) == {"value"} else plain if said else value
    if check in COMPARED:
        return _compared(
            reader, check, inner if not isinstance(inner, Mapping) else next(iter(plain.values()), None)
        )
    read = READERS.get(check)
    return read is not None and read(reader, inner)


def _column(name: str, said: Said, lost: list[str]) -> _Reader:
    dtype = str(said.get("dtype") or "")
    kind = next((ours for start, ours in STARTS.items() if dtype.casefold().startswith(start)), None)
    reader = _Reader(name)
    if kind is not None:
        reader.said["type"] = kind
    elif dtype:
        lost.append(f"{name}: dtype {dtype}")
    # In Pandera a column is never empty unless it is said to be nullable.
    reader.said["nulls"] = said.get("nullable") is True
    for check, value in _checks_of(said):
        if not _read_check(reader, check, value):
            lost.append(f"{name}: check {check}")
    reader.warned = False
    if said.get("unique") is True:
        reader.check(f"unique({name_of(name)})")
    lost += [f"{name}: {key}" for key in ("regex", "coerce") if said.get(key) is True]
    lost += [f"{name}: required: false"] if said.get("required") is False else []
    return reader


def from_pandera(text: str, *, name: str) -> Promises:
    r"""Read a schema in Pandera's YAML or JSON form.

    Args:
        text: The text.
        name: The name the text goes by in messages.

    Raises:
        ContractInvalid: When the text is no such schema.

    Examples:
        >>> text = "schema_type: dataframe\ncolumns: {age: {dtype: Int64, greater_than_or_equal_to: 18}}\n"
        >>> from_pandera(text, name="schema.yaml").columns
        {'age': {'type': 'integer', 'nulls': False, 'range': (18, None)}}
    """
    tree, faults = read_tree(text, name=name)
    said = tree.value
    columns = said.get("columns")
    if faults or "schema_type" not in said or not isinstance(columns, Mapping):
        raise ContractInvalid(
            f"{name} is no schema of Pandera in its YAML or JSON form",
            why="a schema written in Python is never run to be read",
            next_step="write it with schema.to_yaml() or schema.to_json(), and import that file",
            expected="schema_type and columns",
            faults=faults,
        )
    lost: list[str] = []
    readers = [_column(str(key), _map(value), lost) for key, value in columns.items()]
    checks = [line for reader in readers for line in reader.checks]
    unique = said.get("unique")
    if isinstance(unique, list) and unique:
        checks.append(f"unique({', '.join(name_of(str(each)) for each in unique)})")
    elif isinstance(unique, str):
        checks.append(f"unique({name_of(unique)})")
    lost += [key for key in SCHEMA_KEYS if said.get(key)]
    return Promises(
        columns={reader.name: reader.said for reader in readers},
        checks=tuple(dict.fromkeys(checks)),
        lost=tuple(sorted(lost)),
    )


def _exported(column: Column) -> dict[str, object]:
    said: dict[str, object] = {"dtype": DTYPES[column.type]}
    if column.reason:
        said["description"] = column.reason
    if column.nulls:
        said["nullable"] = True

    def warned(promise: str, value: object) -> object:
        if promise not in column.warn:
            return value
        return {**(value if isinstance(value, Mapping) else {"value": value}), "raise_warning": True}

    if column.range is not None and column.type in {"number", "integer"}:
        low, high = column.range
        both = {"min_value": low, "max_value": high, "include_min": True, "include_max": True}
        if low is not None and high is not None:
            said["in_range"] = warned("range", both)
        elif low is not None:
            said["greater_than_or_equal_to"] = warned("range", low)
        elif high is not None:
            said["less_than_or_equal_to"] = warned("range", high)
    if column.categories is not None and column.type in {"category", "text"}:
        said["isin"] = warned("categories", list(column.categories))
    if column.pattern is not None and column.type in {"category", "text"}:
        said["str_matches"] = warned("pattern", f"^(?:{column.pattern})$")
    return said


def to_pandera(contract: Contract) -> Exported:
    """Write the promises about columns as a schema that `pandera.polars.DataFrameSchema.from_yaml` reads.

    Args:
        contract: What was agreed.

    Returns:
        The YAML text, and what Pandera's form has no words for.

    Examples:
        >>> to_pandera.__name__
        'to_pandera'
    """
    data = contract.data
    read = {name: column for name, column in data.columns.items() if column.role != "excluded"}
    columns = {name: _exported(column) for name, column in read.items()}
    lost = [f"{name}: excluded" for name, column in data.columns.items() if column.role == "excluded"]
    for name, column in read.items():
        carried = {"type", "nulls", "range", "categories", "pattern", "reason", "warn"}
        lost += [f"{name}: {key}" for key in column.model_dump(exclude_defaults=True) if key not in carried]
        lost += [f"{name}: warn {key}" for key in column.warn if key in {"nulls", "freshness"}]
    said: dict[str, object] = {"schema_type": "polars_dataframe", "api": "polars", "columns": columns}
    keys = [data.primary_key] if data.primary_key else []
    for text in data.checks:
        line = parse_check(text)
        names = line.term.columns()
        if line.term.op == "unique" and len(names) == 1 and line.severity == "error":
            columns[names[0]]["unique"] = True
        elif line.term.op == "unique" and line.severity == "error":
            keys.append(names)
        else:
            lost.append(f"check {text}")
    said |= {"name": contract.name, "checks": None}
    if keys:
        said["unique"] = list(keys[0])
        lost += [f"key {', '.join(key)}" for key in keys[1:]]
    carried_data = {"sources", "columns", "checks", "primary_key"}
    lost += [f"data.{key}" for key in data.model_dump(exclude_defaults=True) if key not in carried_data]
    lost += ["decision", "prediction", "evaluation", "gates", "rollout", "monitoring", "stack"]
    return Exported(text=render_yaml(said), lost=tuple(lost))
