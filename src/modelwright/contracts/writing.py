"""Writing a contract as commented YAML that reads back as the same contract.

Every key carries the sentence that documents its field, so the file explains itself. Columns, steps and
the like show only what differs from the default.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from modelwright.contracts.contract import Contract
from modelwright.contracts.schema import explanation
from modelwright.contracts.section import Section
from modelwright.contracts.yaml_text import flow_of, scalar_of, text_of

__all__ = ["SCHEMA_PLACE", "render_contract"]

SCHEMA_PLACE = ".modelwright/contract.schema.json"
"""Where an editor finds the JSON Schema, relative to the contract."""

WIDTH = 108
"""Characters of a line, comments included."""
FLOW = 84
"""Lists up to this long stand on one line."""
ALWAYS = frozenset({"type", "role", "path", "share", "hold"})
"""Keys shown even where they have their default."""


def _plain(value: object) -> object:
    if isinstance(value, Section | Mapping):
        shown = _shown(value) if isinstance(value, Section) else value
        return {key: _plain(item) for key, item in shown.items()}
    return tuple(map(_plain, value)) if isinstance(value, tuple | list) else value


def _flow(value: object) -> str:
    return flow_of(_plain(value))


def _comment(text: str, indent: int) -> Iterator[str]:
    tidy = "".join(letter if letter.isprintable() else " " for letter in text)
    for line in textwrap.wrap(" ".join(tidy.split()), width=WIDTH - indent - 2):
        yield f"{' ' * indent}# {line}"


def _described(section: type[Section], name: str) -> str:
    field = section.model_fields[name]
    options = [str(option) for option in get_args(field.annotation)] if _is_choice(field) else []
    listed = f" One of: {', '.join(options)}." if len(options) > 1 else ""
    return explanation(section, name) + listed


def _is_choice(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is Literal


def _is_long(values: tuple[object, ...]) -> bool:
    """Whether a list reads better with one item a line: it is wide, or holds sentences."""
    return len(_flow(values)) > FLOW or any(isinstance(item, str) and " " in item for item in values)


class _Writer:
    """Writes sections line by line; `notes` are put above the key of their dotted path."""

    def __init__(self, notes: Mapping[str, str]) -> None:
        self.notes = notes

    def section(self, section: Section, *, indent: int, path: str) -> Iterator[str]:
        """Write all fields, each under the sentence that explains it."""
        for name in type(section).model_fields:
            here = f"{path}.{name}" if path else name
            if not path:
                yield ""
            yield from _comment(_described(type(section), name), indent)
            yield from _comment(self.notes.get(here, ""), indent)
            yield from self.entry(name, getattr(section, name), indent=indent, path=here)

    def entry(self, key: str, value: object, *, indent: int, path: str) -> Iterator[str]:
        """Write one key and what it holds."""
        pad = " " * indent
        if isinstance(value, Section):
            yield f"{pad}{key}:"
            yield from self.section(value, indent=indent + 2, path=path)
        elif isinstance(value, dict) and value and all(isinstance(item, Section) for item in value.values()):
            yield from self.keys(next(iter(value.values())), indent)
            yield f"{pad}{key}:"
            for name, item in value.items():
                yield from _comment(self.notes.get(f"{path}.{name}", ""), indent + 2)
                yield from self.short(text_of(name), item, indent=indent + 2)
        elif isinstance(value, tuple) and value and isinstance(value[0], Section):
            yield f"{pad}{key}:"
            for index, item in enumerate(value):
                yield from _comment(self.notes.get(f"{path}.{index}", ""), indent + 2)
                yield f"{pad}  - {_flow(_shown(item))}"
        elif isinstance(value, tuple) and _is_long(value):
            yield f"{pad}{key}:"
            for item in value:
                yield f"{pad}  - {scalar_of(item)}"
        else:
            yield f"{pad}{key}: {_flow(value)}"

    @staticmethod
    def keys(item: Section, indent: int) -> Iterator[str]:
        """Say once what the keys of a kind of section mean that is written without comments."""
        for name in type(item).model_fields:
            yield from _comment(f"- {name}: {_described(type(item), name)}", indent)

    @staticmethod
    def short(key: str, item: Section, *, indent: int) -> Iterator[str]:
        """Write a section that stands among many of its kind: on one line when it fits."""
        pad = " " * indent
        shown = _shown(item)
        line = f"{pad}{key}: {_flow(shown)}"
        if len(line) <= WIDTH:
            yield line
            return
        yield f"{pad}{key}:"
        for name, value in shown.items():
            if isinstance(value, tuple) and len(_flow(value)) > FLOW:
                yield f"{pad}  {name}:"
                yield from (f"{pad}    - {scalar_of(part)}" for part in value)
            else:
                yield f"{pad}  {name}: {_flow(value)}"


def _shown(item: Section) -> dict[str, object]:
    """Return the fields that differ from their default, and those always shown."""
    return {
        name: getattr(item, name)
        for name, field in type(item).model_fields.items()
        if name in ALWAYS
        or field.is_required()
        or getattr(item, name) != field.get_default(call_default_factory=True)
    }


def render_contract(
    contract: Contract, *, notes: Mapping[str, str] | None = None, schema: str = SCHEMA_PLACE
) -> str:
    """Write a contract as commented YAML.

    Args:
        contract: What to write.
        notes: Further comments by dotted path, such as `{"data.columns.duration": "known after the call"}`.
        schema: Where an editor finds the JSON Schema, relative to the file.

    Returns:
        Text that `parse_contract` reads as an equal contract.

    Examples:
        >>> from modelwright.contracts.decision import Decision, SuccessMetric
        >>> print(_Writer({}).entry("slices", ("job", "no"), indent=0, path="").__next__())
        slices: [job, "no"]
    """
    head = [
        f"# yaml-language-server: $schema={schema}",
        "#",
        "# What was agreed before any training. Edit it by hand; `modelwright run` reads it again and",
        "# lists every fault with its line. Once the design is approved it is frozen: from then on changes",
        "# are amendments with a reason.",
    ]
    return "\n".join([*head, *_Writer(notes or {}).section(contract, indent=0, path="")]) + "\n"
