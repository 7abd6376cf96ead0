"""Capsules: a framing prepared elsewhere, read to fill in the first phase.

A capsule lies in `.phase0/capsules/<slug>/capsule.yaml`; it is written by another tool and only ever read
here. A goal is all that is required; what else is missing or gone is a warning. Both known shapes are
accepted: `key_files` at the top or under `context`, as paths or as mappings with a reason.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modelwright.contracts.tree import read_text, read_tree
from modelwright.kernel.errors import ContractInvalid, Fault, UnknownName, UserFault

__all__ = ["Capsule", "CapsuleRisk", "KeyFile", "capsule_slugs", "read_capsule"]

FOLDER = Path(".phase0", "capsules")
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
EXPECTED = ("version", "created", "slug", "handoff")
"""Keys whose absence is worth a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file worth reading first.

    Examples:
        >>> KeyFile(path="train.py").reason
        ''
    """

    path: str
    """Where it lies, relative to the project."""
    reason: str = ""
    """Why it matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleRisk:
    """A risk that was known when the capsule was written.

    Examples:
        >>> CapsuleRisk(description="few positives").severity
        'medium'
    """

    description: str
    """What may go wrong."""
    severity: str = "medium"
    """high, medium or low, as the capsule says."""
    mitigation: str = ""
    """What is to be done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capsule:
    """What a capsule says.

    Examples:
        >>> Capsule(slug="calls-ml", goal="Call likely clients first").open_questions
        ()
    """

    slug: str
    """The name of its folder."""
    goal: str
    """The goal, restated."""
    kind: str = ""
    """`ml` or `dev`; empty when it does not say."""
    version: str = ""
    """Version of the capsule's format."""
    created: str = ""
    """When it was written, as it says."""
    non_goals: tuple[str, ...] = ()
    """What is out of scope."""
    constraints: tuple[str, ...] = ()
    """Hard requirements."""
    success_criteria: tuple[str, ...] = ()
    """What done means, one `name: value` each."""
    key_files: tuple[KeyFile, ...] = ()
    """Files to read first."""
    risks: tuple[CapsuleRisk, ...] = ()
    """Known risks."""
    decisions: Mapping[str, str] = field(default_factory=dict)
    """Questions that were answered already, and the answers."""
    open_questions: tuple[str, ...] = ()
    """Questions that are still open."""
    handoff: Mapping[str, str] = field(default_factory=dict)
    """The command it recommends, with arguments and reasoning."""
    warnings: tuple[str, ...] = ()
    """What is missing, gone or not understood."""


def capsule_slugs(root: Path) -> tuple[str, ...]:
    """Return the slugs of the capsules a project has, sorted.

    Examples:
        >>> capsule_slugs(Path("nowhere"))
        ()
    """
    folder = root / FOLDER
    if not folder.is_dir():
        return ()
    return tuple(sorted(item.name for item in folder.iterdir() if (item / "capsule.yaml").is_file()))


def read_capsule(root: Path, slug: str) -> Capsule:
    """Read a project's capsule by its slug.

    Args:
        root: The project's folder.
        slug: The capsule's name.

    Raises:
        UserFault: When the slug is a path, or leads out of the capsules' folder.
        UnknownName: When there is no such capsule; those there are, are listed.
        ContractInvalid: When the file cannot be read, or has no goal.

    Examples:
        >>> read_capsule(Path("."), "../secrets")
        Traceback (most recent call last):
        modelwright.kernel.errors.UserFault: '../secrets' is not the slug of a capsule ...
    """
    folder = root / FOLDER
    path = folder / slug / "capsule.yaml"
    known = capsule_slugs(root)
    if not SLUG.fullmatch(slug) or ".." in slug:
        raise _no_slug(slug, known)
    if slug not in known:
        if not known:
            raise UnknownName(
                f"there is no capsule '{slug}', nor any other",
                expected=f"a file {FOLDER.as_posix()}/{slug}/capsule.yaml",
                next_step="leave --capsule out, or check that you are in the project's folder",
            )
        raise UnknownName.among("capsule", slug, known)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _no_slug(slug, known)
    return _capsule(read_text(path, missing="check the folder"), slug=slug, root=root)


def _no_slug(slug: str, known: tuple[str, ...]) -> UserFault:
    return UserFault(
        f"'{slug[:80]}' is not the slug of a capsule",
        why="a slug names a folder among the project's capsules and cannot lead out of it",
        expected="letters, digits, '-', '_' and '.', without separators or '..'",
        next_step=f"use one of: {', '.join(known)}" if known else "this project has no capsules",
    )


def _capsule(text: str, *, slug: str, root: Path) -> Capsule:
    tree, faults = read_tree(text, name="capsule.yaml")
    raw = tree.value
    goal = _text(raw.get("goal")).strip()
    if not goal:
        missing = Fault(
            "capsule.yaml:1", "there is no goal", next_step="write `goal:` with what is to be reached"
        )
        faults = (*faults, missing)
    if faults:
        raise ContractInvalid(
            f"capsule '{slug}' cannot be used", why="the first phase would start from it", faults=faults
        )
    context, questions = _table(raw.get("context")), _table(raw.get("questions"))
    named = [*_items(raw.get("key_files")), *_items(context.get("key_files"))]
    files = tuple(file for file in map(_key_file, named) if file.path)
    return Capsule(
        slug=slug,
        goal=goal,
        kind=_text(raw.get("type")),
        version=_text(raw.get("version")),
        created=_text(raw.get("created")),
        non_goals=_lines(raw.get("non_goals")),
        constraints=_lines(raw.get("constraints")),
        success_criteria=_lines(raw.get("success_criteria")),
        key_files=files,
        risks=tuple(_risk(item) for item in _items(raw.get("risks"))),
        decisions={
            _text(_table(item).get("question")): _text(_table(item).get("answer"))
            for item in _items(questions.get("decisions_made"))
        },
        open_questions=_lines(questions.get("open_questions")),
        handoff={str(key): _text(value) for key, value in _table(raw.get("handoff")).items()},
        warnings=_warnings(raw, slug=slug, files=files, root=root),
    )


def _warnings(
    raw: Mapping[str, object], *, slug: str, files: tuple[KeyFile, ...], root: Path
) -> tuple[str, ...]:
    told = [f"the capsule does not say its {key}" for key in EXPECTED if not raw.get(key)]
    named = _text(raw.get("slug"))
    if named and named != slug:
        told.append(f"the capsule calls itself '{named}' and lies in '{slug}'")
    home = root.resolve()
    for file in files:
        path = (root / file.path).resolve()
        if not path.is_relative_to(home):
            told.append(f"key file {file.path} lies outside the project and is not read")
        elif not path.exists():
            told.append(f"key file {file.path} is not there")
    return tuple(told)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _lines(value: object) -> tuple[str, ...]:
    """Read a list of short lines; a single line and a mapping inside are taken as they are meant."""
    listed = [value] if isinstance(value, str) else _items(value)
    return tuple(
        ", ".join(f"{key}: {_inner(inner)}" for key, inner in item.items())
        if isinstance(item, dict)
        else _text(item)
        for item in listed
    )


def _inner(value: object) -> str:
    return ", ".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _key_file(value: object) -> KeyFile:
    if isinstance(value, dict):
        return KeyFile(path=_text(value.get("path")), reason=_text(value.get("reason")))
    return KeyFile(path=_text(value))


def _risk(value: object) -> CapsuleRisk:
    if isinstance(value, dict):
        return CapsuleRisk(
            description=_text(value.get("description")),
            severity=_text(value.get("severity")) or "medium",
            mitigation=_text(value.get("mitigation")),
        )
    return CapsuleRisk(description=_text(value))
