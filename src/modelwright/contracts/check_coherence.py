"""Coherence of checks: every promise can be read, and what it names is there and of a fitting kind."""

from collections.abc import Iterator

from modelwright.contracts.check import parse_check
from modelwright.contracts.check_kinds import Kind, kind_of_type, pattern_fault, resolve
from modelwright.contracts.duration import parse_duration
from modelwright.contracts.incoherence import Incoherence, Path, Values, suggestion
from modelwright.kernel.errors import ContractInvalid

__all__ = ["CHECK_RULES"]


def _lines(values: Values) -> Iterator[Incoherence]:
    """Every check line is a condition over columns that are read."""
    excluded = [name for name in values.columns if values.role(name) == "excluded"]
    kinds: dict[str, Kind] = {
        name: kind_of_type(values.column(name, "type")) for name in values.columns if name not in excluded
    }
    tables = list(values.table("data", "references"))
    seen: dict[str, int] = {}
    for index, (path, text) in enumerate(values.texts("data", "checks")):
        if not text.strip():
            yield Incoherence(
                path=path, what="the check is empty", cure="write a condition, or remove the line"
            )
            continue
        try:
            line = parse_check(text)
        except ContractInvalid as error:
            for fault in error.faults:
                yield Incoherence(path=path, what=f"{error.what}: {fault.what}", cure=fault.next_step)
            continue
        for wrong in resolve(line, kinds, excluded=excluded, tables=tables).faults if kinds else ():
            yield Incoherence(path=path, what=f"check '{_cut(text)}': {wrong.what}", cure=wrong.cure)
        written = str(line.term)
        if seen.setdefault(written, index) != index:
            yield Incoherence(
                path=path, what=f"check '{_cut(text)}' stands twice", cure="keep one of the two"
            )


def _cut(text: str, longest: int = 60) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _columns(values: Values) -> Iterator[Incoherence]:
    for name in values.columns:
        path: Path = ("data", "columns", name)
        kind = values.column(name, "type")
        pattern = values.text(*path, "pattern")
        if pattern and kind not in {"category", "text"}:
            yield Incoherence(
                path=(*path, "pattern"),
                what=f"'{name}' is {kind} and has a pattern",
                cure="remove it, or use `range`",
            )
        wrong = pattern_fault(pattern)
        if wrong:
            yield Incoherence(
                path=(*path, "pattern"),
                what=f"the pattern of '{name}' cannot be used: {wrong}",
                cure="write a pattern of Rust's regex, such as [A-Z]{2}-[0-9]{4}",
            )
        yield from _age(values, (*path, "freshness"), f"'{name}'", kind)
        for place, promise in values.texts(*path, "warn"):
            if not _promised(values, path, promise):
                key = "nulls: false" if promise == "nulls" else f"{promise}:"
                yield Incoherence(
                    path=place,
                    what=f"'{name}' warns of {promise} and promises nothing about it",
                    cure=f"write `{key}`, or take it off",
                )


def _promised(values: Values, path: Path, promise: str) -> bool:
    value = values.get(*path, promise)
    return value is False if promise == "nulls" else bool(value)


def _age(values: Values, path: Path, what: str, kind: str) -> Iterator[Incoherence]:
    text = values.text(*path)
    if not text:
        return
    if kind != "datetime":
        cure = "take it off, or give the column the type datetime"
        yield Incoherence(path=path, what=f"{what} is {kind} and has a freshness", cure=cure)
    try:
        parse_duration(text)
    except ContractInvalid:
        yield Incoherence(path=path, what=f"'{text}' is not a duration", cure="write it as 30m, 12h or 1d")


def _batch(values: Values) -> Iterator[Incoherence]:
    path: Path = ("data", "batch")
    text = values.text(*path)
    if not text or text in values.columns:
        return
    try:
        parse_duration(text)
    except ContractInvalid:
        cure = suggestion(text, values.columns, "name a column, or write a length of time such as 1d")
        yield Incoherence(path=path, what=f"'{text}' is neither a column nor a duration", cure=cure)
        return
    if not values.text("data", "event_time"):
        yield Incoherence(
            path=path,
            what="a batch of a length of time needs the time of the event",
            cure="write `event_time:`, or name a column that tells the delivery",
        )


def _references(values: Values) -> Iterator[Incoherence]:
    for name in values.table("data", "references"):
        if not values.text("data", "references", name, "path"):
            yield Incoherence(
                path=("data", "references", name),
                what=f"reference '{name}' names no file",
                cure="write `path:`; values are looked up in files",
            )


def _times(values: Values) -> Iterator[Incoherence]:
    path: Path = ("data", "feature_time")
    name = values.text(*path)
    if name and values.columns and name not in values.columns:
        cure = suggestion(name, values.columns, "name one of the columns under data.columns")
        yield Incoherence(path=path, what=f"feature_time names '{name}', which is not a column", cure=cure)
    elif name and values.role(name) == "excluded":
        told = f"feature_time names '{name}', which is excluded and never read"
        yield Incoherence(path=path, what=told, cure="give the column the role context")


CHECK_RULES = (_lines, _columns, _batch, _references, _times)
"""The rules, in the order they speak."""
