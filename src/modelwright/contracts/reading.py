"""Reading `contract.yaml`: every fault at once, each with its line and the nearest name."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from modelwright.contracts.coherence import incoherences
from modelwright.contracts.contract import Contract
from modelwright.contracts.incoherence import Path as Place
from modelwright.contracts.schema import json_schema
from modelwright.contracts.tree import Tree, read_text, read_tree
from modelwright.kernel.errors import ContractInvalid, Fault, nearest

__all__ = ["check_contract", "parse_contract", "read_contract"]

MOST_FAULTS = 50
"""Faults listed; a file with more is not the file that was meant."""
MOST_LOOKED_FOR = MOST_FAULTS + 1
"""Faults of one kind after which no more are looked for, so that no file can keep us busy."""
WHY = "a contract that is not clear cannot be kept, so nothing runs on it"
SENTENCE = re.compile(r"(.+?\.)(?:\s|$)", re.DOTALL)


def read_contract(path: Path) -> Contract:
    """Read a contract from its file.

    Args:
        path: Where `contract.yaml` lies.

    Raises:
        ContractInvalid: When the file is missing or says what it must not; all faults are listed.
        StorageFailed: When the disk does not give the file out.

    Examples:
        >>> read_contract(Path("contract.yaml"))
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractInvalid: there is no contract.yaml in ...
    """
    missing = "draft one with `modelwright init NAME --data FILE --target COLUMN`"
    return parse_contract(read_text(path, missing=missing), name=path.name)


def parse_contract(text: str, *, name: str = "contract.yaml") -> Contract:
    r"""Read a contract from its YAML text.

    Args:
        text: The text.
        name: The name the text goes by in messages.

    Raises:
        ContractInvalid: With every fault of the text: line, what is wrong, and the nearest name.

    Examples:
        >>> parse_contract("contract: 1\nnaem: calls\n")
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractInvalid: contract.yaml is not a valid contract: ...
    """
    tree, faults = read_tree(text, name=name)
    found = {(fault.where, fault.what): fault for fault in faults}
    contract: Contract | None = None
    wrong: set[Place] = set()
    try:
        contract = Contract.model_validate(tree.value)
    except ValidationError as error:
        for place, fault in islice(_schema_faults(error, tree, name), MOST_LOOKED_FOR):
            found.setdefault((fault.where, fault.what), fault)
            wrong.add(place)
    for item in islice(incoherences(tree.value), MOST_LOOKED_FOR):
        if item.path not in wrong:
            fault = Fault(f"{name}:{tree.line(item.path)}", item.what, next_step=item.cure)
            found.setdefault((fault.where, fault.what), fault)
    if found or contract is None:
        raise _invalid(name, list(found.values()))
    return contract


def check_contract(contract: Contract) -> tuple[Fault, ...]:
    """Return what does not fit together in a contract that was made by code; places are dotted paths.

    Examples:
        >>> import modelwright.contracts as c
        >>> made = c.Contract(
        ...     name="calls",
        ...     decision=c.Decision(
        ...         goal="Call likely clients first",
        ...         owner="lead",
        ...         action="order of calls",
        ...         success_metric=c.SuccessMetric(name="sales per call"),
        ...     ),
        ...     prediction=c.Prediction(task="binary", target="y", positive="yes"),
        ...     data=c.DataContract(
        ...         sources=(c.Source(path="calls.csv"),),
        ...         columns={"y": c.Column(type="category", role="target"), "age": c.Column(type="number")},
        ...     ),
        ...     evaluation=c.EvaluationPlan(primary="roc_auk"),
        ...     gates=c.Gates(lines=("roc_auc >= 0.7",)),
        ... )
        >>> print(check_contract(made)[0])
        evaluation.primary: 'roc_auk' is not a metric of binary tasks; did you mean 'roc_auc'?
    """
    return tuple(
        Fault(".".join(map(str, item.path)), item.what, next_step=item.cure)
        for item in incoherences(contract.model_dump(mode="python"))
    )


def _invalid(name: str, faults: list[Fault]) -> ContractInvalid:
    ordered = sorted(faults, key=lambda fault: int(fault.where.rpartition(":")[2] or 0))
    listed = ordered[:MOST_FAULTS]
    if len(ordered) > len(listed):
        listed.append(Fault(name, "and more", next_step="mend these first"))
    return ContractInvalid(f"{name} is not a valid contract", why=WHY, faults=listed)


def _schema_faults(error: ValidationError, tree: Tree, name: str) -> Iterator[tuple[Place, Fault]]:
    """Turn pydantic's errors into ours, one for each place."""
    schema = json_schema()
    told: set[Place] = set()
    for detail in error.errors(include_url=False):
        place = _written(tuple(detail["loc"]), tree, missing=detail["type"] == "missing")
        if place in told:
            continue
        told.add(place)
        what, cure = _words(detail, place, schema)
        yield place, Fault(f"{name}:{tree.line(place)}", what, next_step=cure)


def _written(loc: Place, tree: Tree, *, missing: bool) -> Place:
    """Cut a location to what stands in the file: pydantic adds the members of unions at its end."""
    length = len(loc)
    while length > 0 and loc[:length] not in tree.lines:
        length -= 1
    return loc[: length + 1] if missing and length < len(loc) else loc[:length]


def _schema_at(schema: Mapping[str, object], place: Place) -> Mapping[str, object]:
    """Return the part of the JSON Schema that is about a place; empty when there is none."""
    part: Mapping[str, object] = schema
    for step in place:
        inner = _members(schema, part)
        if isinstance(step, int):
            nested = inner.get("items")
            prefix = inner.get("prefixItems")
            if isinstance(prefix, list) and step < len(prefix):
                nested = prefix[step]
        else:
            properties = inner.get("properties")
            nested = properties.get(step) if isinstance(properties, Mapping) else None
            nested = inner.get("additionalProperties") if nested is None else nested
        if not isinstance(nested, Mapping):
            return {}
        part = nested
    return {**_members(schema, part), **part}


def _members(schema: Mapping[str, object], part: Mapping[str, object]) -> Mapping[str, object]:
    """Follow references, and of alternatives take the one with an inside."""
    choices = part.get("anyOf")
    if isinstance(choices, list):
        inside = [choice for choice in choices if choice.get("type") != "null"]
        part = inside[0] if inside else {}
    reference = part.get("$ref")
    if isinstance(reference, str):
        definitions = schema.get("$defs")
        found = definitions.get(reference.rpartition("/")[2]) if isinstance(definitions, Mapping) else None
        return found if isinstance(found, Mapping) else {}
    return part


def _about(part: Mapping[str, object]) -> str:
    """Return the first sentence of what the schema says a place is for."""
    text = " ".join(str(part.get("description", "")).split())
    match = SENTENCE.match(text)
    return (match[1] if match else text).rstrip(".;:")


def _words(detail: ErrorDetails, place: Place, schema: Mapping[str, object]) -> tuple[str, str]:
    """Say in our words what is wrong at a place, and what to do."""
    key = str(place[-1]) if place else ""
    dotted = ".".join(map(str, place))
    kind = detail["type"]
    about = _about(_schema_at(schema, place))
    if kind == "extra_forbidden":
        properties = _schema_at(schema, place[:-1]).get("properties")
        options = list(properties) if isinstance(properties, Mapping) else []
        close = nearest(key, options)
        cure = f"did you mean '{close}'?" if close else "use one of: " + ", ".join(options)
        return f"unknown key '{key}'", cure
    if kind == "missing":
        return f"'{dotted}' is missing", about and f"write `{key}:`: {about[:1].lower()}{about[1:]}"
    if kind == "literal_error":
        allowed = _schema_at(schema, place)
        options = [str(value) for value in _listed(allowed)]
        close = nearest(str(detail["input"]), options)
        what = f"{dotted}: '{detail['input']}' is not one of {', '.join(options)}"
        return what, f"did you mean '{close}'?" if close else "use one of these"
    if kind == "string_pattern_mismatch":
        return f"{dotted}: '{detail['input']}' does not fit", about
    message = detail["msg"].removeprefix("Input ").removeprefix("Value ")
    hint = (
        'put it in quotes, such as "true"'
        if isinstance(detail["input"], bool) and "string" in kind
        else about
    )
    return f"{dotted}: {message[:1].lower()}{message[1:]}, found {_shown(detail['input'])}", hint


def _listed(part: Mapping[str, object]) -> list[object]:
    values = part.get("enum")
    return list(values) if isinstance(values, list) else [part["const"]] if "const" in part else []


def _shown(value: object) -> str:
    match value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            text = str(value)
            return f"'{text[:60]}'" if isinstance(value, str) else text[:60]
