"""Great Expectations: what a suite (JSON, of version 0.13 to 1.x) says of a table.

Expectations are read as data: nothing of the library is needed, and nothing is run. An expectation that holds
for `mostly` of the values becomes a check of the table with that share.
"""

import json
from collections.abc import Callable, Mapping

from modelwright.contracts.exchange import Promises, name_of, number_of, whole_pattern
from modelwright.contracts.term import Term
from modelwright.kernel.errors import ContractInvalid

__all__ = ["from_expectations"]

TYPES = {
    **dict.fromkeys(
        ("int", "int32", "int64", "integer", "integertype", "bigint", "smallint", "longtype"), "integer"
    ),
    **dict.fromkeys(
        ("float", "float32", "float64", "double", "doubletype", "decimal", "numeric", "real", "number"),
        "number",
    ),
    **dict.fromkeys(("str", "string", "stringtype", "object", "varchar", "text", "char"), "text"),
    **dict.fromkeys(("bool", "boolean", "booleantype"), "boolean"),
    **dict.fromkeys(("datetime", "datetime64", "timestamp", "timestamptype", "date", "datetype"), "datetime"),
}
"""Names of types in the libraries that suites are written for, lower case."""
MEASURES = {
    "expect_column_min_to_be_between": "min",
    "expect_column_max_to_be_between": "max",
    "expect_column_mean_to_be_between": "mean",
    "expect_column_median_to_be_between": "median",
    "expect_column_stdev_to_be_between": "std",
    "expect_column_sum_to_be_between": "sum",
    "expect_column_unique_value_count_to_be_between": "distinct",
    "expect_column_proportion_of_unique_values_to_be_between": "distinct_share",
}
"""Expectations about one figure of a column."""

Words = Mapping[str, object]


class _Reader:
    """What a suite has said so far."""

    def __init__(self) -> None:
        self.columns: dict[str, dict[str, object]] = {}
        self.checks: list[str] = []
        self.lost: list[str] = []
        self.warned = False

    def column(self, words: Words) -> str:
        name = str(words["column"])
        self.columns.setdefault(name, {})
        return name

    def check(self, line: str) -> None:
        self.checks.append(f"warn {line}" if self.warned else line)

    def promise(self, name: str, key: str, value: object) -> None:
        """Make a promise of a column; a second one of the same kind is told as lost by its caller."""
        self.columns[name][key] = value
        if self.warned:
            warn = self.columns[name].get("warn", ())
            self.columns[name]["warn"] = (*(warn if isinstance(warn, tuple) else ()), key)

    def rows(self, words: Words, condition: str, *, name: str) -> None:
        """Demand a condition of each row, or of mostly all rows where the column is not empty."""
        mostly = words.get("mostly", 1)
        if isinstance(mostly, int | float) and mostly < 1:
            self.check(f"share({condition} where {name_of(name)} is not null) >= {number_of(mostly)}")
        else:
            self.check(condition)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    number = _number(value)
    return number_of(number) if number is not None else str(Term(op="text", value=str(value)))


def _whole(words: Words) -> bool:
    return _number(words.get("mostly", 1)) == 1


def _limits(words: Words, left: str) -> str | None:
    low, high = words.get("min_value"), words.get("max_value")
    parts = []
    if low is not None:
        parts.append(f"{left} {'>' if words.get('strict_min') else '>='} {_literal(low)}")
    if high is not None:
        parts.append(f"{left} {'<' if words.get('strict_max') else '<='} {_literal(high)}")
    return " and ".join(parts) or None


def _exists(reader: _Reader, words: Words) -> bool:
    reader.column(words)
    return True


def _not_null(reader: _Reader, words: Words) -> bool:
    name = reader.column(words)
    if _whole(words):
        reader.columns[name]["nulls"] = False
        if reader.warned:
            reader.columns[name]["warn"] = (*_tuple(reader.columns[name].get("warn")), "nulls")
    else:
        reader.check(f"null_share({name_of(name)}) <= {number_of(round(1 - float(str(words['mostly'])), 9))}")
    return True


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _null(reader: _Reader, words: Words) -> bool:
    reader.check(f"null_share({name_of(reader.column(words))}) >= {number_of(words.get('mostly', 1))}")
    return True


def _unique(reader: _Reader, words: Words) -> bool:
    name = name_of(reader.column(words))
    if _whole(words):
        reader.check(f"unique({name})")
        return True
    return False


def _key(reader: _Reader, words: Words) -> bool:
    names = words.get("column_list")
    if not isinstance(names, list) or not names:
        return False
    reader.check(f"unique({', '.join(name_of(str(name)) for name in names)})")
    return True


def _between(reader: _Reader, words: Words) -> bool:
    name = reader.column(words)
    low, high = words.get("min_value"), words.get("max_value")
    numeric = all(end is None or _number(end) is not None for end in (low, high))
    strict = words.get("strict_min") or words.get("strict_max")
    if low is None and high is None:
        return False
    if numeric and not strict and _whole(words) and "range" not in reader.columns[name]:
        reader.columns[name].setdefault("type", "number")
        reader.promise(name, "range", (low, high))
        return True
    line = _limits(words, name_of(name))
    if line is not None:
        reader.rows(words, line, name=name)
    return line is not None


def _in_set(reader: _Reader, words: Words) -> bool:
    name, values = reader.column(words), words.get("value_set")
    if not isinstance(values, list) or not values:
        return False
    if (
        _whole(words)
        and all(isinstance(value, str) for value in values)
        and "categories" not in reader.columns[name]
    ):
        reader.columns[name]["type"] = "category"
        reader.promise(name, "categories", tuple(dict.fromkeys(values)))
    else:
        reader.rows(words, f"{name_of(name)} in [{', '.join(map(_literal, values))}]", name=name)
    return True


def _not_in_set(reader: _Reader, words: Words) -> bool:
    name, values = reader.column(words), words.get("value_set")
    if not isinstance(values, list) or not values:
        return False
    reader.rows(words, f"{name_of(name)} not in [{', '.join(map(_literal, values))}]", name=name)
    return True


def _matches(reader: _Reader, words: Words, *, denied: bool = False) -> bool:
    name, pattern = reader.column(words), words.get("regex")
    if not isinstance(pattern, str):
        return False
    whole = whole_pattern(pattern, searched=True)
    if _whole(words) and not denied and "pattern" not in reader.columns[name]:
        reader.columns[name].setdefault("type", "text")
        reader.promise(name, "pattern", whole)
        return True
    word = "not matches" if denied else "matches"
    reader.rows(words, f"{name_of(name)} {word} {_literal(whole)}", name=name)
    return True


def _not_matches(reader: _Reader, words: Words) -> bool:
    return _matches(reader, words, denied=True)


def _length(reader: _Reader, words: Words) -> bool:
    name = reader.column(words)
    exact = _number(words.get("value"))
    left = f"length({name_of(name)})"
    line = f"{left} = {number_of(exact)}" if exact is not None else _limits(words, left)
    if line is not None:
        reader.rows(words, line, name=name)
    return line is not None


def _typed(reader: _Reader, words: Words) -> bool:
    name = reader.column(words)
    listed = words.get("type_list")
    named = listed if isinstance(listed, list) else [words.get("type_")]
    kinds = {TYPES.get(str(kind).casefold().partition("(")[0], "") for kind in named} - {""}
    if len(kinds) != 1:
        return False
    reader.columns[name]["type"] = kinds.pop()
    return True


def _rows(reader: _Reader, words: Words) -> bool:
    exact = _number(words.get("value"))
    line = f"row_count = {number_of(exact)}" if exact is not None else _limits(words, "row_count")
    if line is not None:
        reader.check(line)
    return line is not None


def _table_columns(reader: _Reader, words: Words) -> bool:
    names = words.get("column_set") or words.get("column_list")
    if not isinstance(names, list):
        return False
    for name in names:
        reader.columns.setdefault(str(name), {})
    return True


def _pair(reader: _Reader, words: Words, *, sign: str) -> bool:
    first, second = (name_of(str(words[key])) for key in ("column_A", "column_B"))
    if words.get("or_equal"):
        sign = f"{sign}="
    reader.check(f"{first} {sign} {second}")
    return True


def _sum(reader: _Reader, words: Words) -> bool:
    names, total = words.get("column_list"), _number(words.get("sum_total"))
    if not isinstance(names, list) or not names or total is None:
        return False
    reader.check(f"{' + '.join(name_of(str(name)) for name in names)} = {number_of(total)}")
    return True


def _quantiles(reader: _Reader, words: Words) -> bool:
    name, said = name_of(reader.column(words)), words.get("quantile_ranges")
    if not isinstance(said, Mapping):
        return False
    for level, ends in zip(said.get("quantiles", []), said.get("value_ranges", []), strict=False):
        low, high = ends
        limits = {"min_value": low, "max_value": high}
        line = _limits(limits, f"quantile({name}, {number_of(level)})")
        if line is not None:
            reader.check(line)
    return True


def _measure(function: str) -> Callable[[_Reader, Words], bool]:
    def read(reader: _Reader, words: Words) -> bool:
        line = _limits(words, f"{function}({name_of(reader.column(words))})")
        if line is not None:
            reader.check(line)
        return line is not None

    return read


READERS: Mapping[str, Callable[[_Reader, Words], bool]] = {
    "expect_column_to_exist": _exists,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_null": _null,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _key,
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_be_in_set": _in_set,
    "expect_column_values_to_not_be_in_set": _not_in_set,
    "expect_column_values_to_match_regex": _matches,
    "expect_column_values_to_not_match_regex": _not_matches,
    "expect_column_value_lengths_to_be_between": _length,
    "expect_column_value_lengths_to_equal": _length,
    "expect_column_values_to_be_of_type": _typed,
    "expect_column_values_to_be_in_type_list": _typed,
    "expect_table_row_count_to_be_between": _rows,
    "expect_table_row_count_to_equal": _rows,
    "expect_table_columns_to_match_set": _table_columns,
    "expect_table_columns_to_match_ordered_list": _table_columns,
    "expect_column_pair_values_a_to_be_greater_than_b": lambda reader, words: _pair(reader, words, sign=">"),
    "expect_column_pair_values_to_be_equal": lambda reader, words: _pair(reader, words, sign="="),
    "expect_multicolumn_sum_to_equal": _sum,
    "expect_column_quantile_values_to_be_between": _quantiles,
    **{name: _measure(function) for name, function in MEASURES.items()},
}
"""Each expectation that is understood, lower case, and how it is read; false where its words do not fit."""


def _understood(reader: _Reader, kind: str, words: Words) -> bool:
    read = READERS.get(kind.casefold())
    if read is None or words.get("row_condition"):
        return False
    try:
        return read(reader, words)
    except (KeyError, TypeError, ValueError):  # its words are not those of its kind
        return False


def from_expectations(text: str, *, name: str) -> Promises:
    """Read a suite of Great Expectations.

    Args:
        text: The suite's JSON text.
        name: The name the text goes by in messages.

    Raises:
        ContractInvalid: When the text is no suite.

    Examples:
        >>> suite = '''{"expectations": [{"type": "expect_column_values_to_be_between",
        ...     "kwargs": {"column": "age", "min_value": 18, "max_value": 90}}]}'''
        >>> from_expectations(suite, name="suite.json").columns["age"]["range"]
        (18, 90)
    """
    try:
        suite = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_suite(name, f"it is no JSON: {error}") from error
    listed = suite.get("expectations") if isinstance(suite, Mapping) else None
    if not isinstance(listed, list):
        raise _no_suite(name, "it lists no expectations")
    reader = _Reader()
    for item in listed:
        said: Words = item if isinstance(item, Mapping) else {}
        kind = str(said.get("type") or said.get("expectation_type") or "an expectation without a type")
        keywords = said.get("kwargs")
        words: Words = keywords if isinstance(keywords, Mapping) else {}
        reader.warned = said.get("severity") in {"warning", "info"}
        if not _understood(reader, kind, words):
            reader.lost.append(f"{kind} ({words['column']})" if words.get("column") else kind)
    return Promises(
        columns=reader.columns, checks=tuple(dict.fromkeys(reader.checks)), lost=tuple(reader.lost)
    )


def _no_suite(name: str, found: str) -> ContractInvalid:
    return ContractInvalid(
        f"{name} is no suite of Great Expectations",
        why="what cannot be read cannot be promised",
        next_step="export the suite as JSON, or say another format with --format",
        found=found,
        expected='{"expectations": [...]}',
    )
