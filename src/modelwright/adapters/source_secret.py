"""Passwords of sources: looked up where the contract says, never shown, never kept."""

from collections.abc import Mapping
from pathlib import Path

from modelwright.contracts.source import Source
from modelwright.kernel.errors import UserFault

__all__ = ["hidden", "password_of"]

LONGEST_SECRET = 4096
"""Bytes of a file that are read."""


def password_of(source: Source, *, variables: Mapping[str, str], root: Path) -> str:
    """Return the password of a database; empty when the contract names no place for one.

    Args:
        source: Says where the password lies.
        variables: The environment.
        root: The folder relative paths start from.

    Raises:
        UserFault: When there is nothing in that place.

    Examples:
        >>> source = Source(url="mysql://reader@db/a", table="t", password_from="env:DB_PASSWORD")
        >>> password_of(source, variables={"DB_PASSWORD": "s3cret"}, root=Path())
        's3cret'
    """
    kind, _, place = source.password_from.partition(":")
    if kind == "env":
        if place not in variables:
            raise _nowhere(source, f"the environment has no variable {place}", f"set {place}")
        return variables[place]
    if kind != "file":
        return ""
    path = Path(place).expanduser()
    path = path if path.is_absolute() else root / path
    try:
        with path.open("rb") as stream:
            text = stream.read(LONGEST_SECRET).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _nowhere(
            source, f"{place} cannot be read", "write the password into it, readable by you alone"
        ) from error
    first = text.splitlines()[0] if text else ""
    if not first:
        raise _nowhere(source, f"{place} is empty", "write the password into it, readable by you alone")
    return first


def _nowhere(source: Source, what: str, cure: str) -> UserFault:
    return UserFault(
        f"the password of {source.name} is not where the contract says: {what}",
        why="the database asks for it, and it stands nowhere else",
        next_step=f"{cure}, or change `password_from`",
    )


def hidden(text: object, *, password: str) -> str:
    r"""Return what a database said in one line, without the password should it be in there.

    Examples:
        >>> hidden("cannot log in as\n reader:s3cret", password="s3cret")
        'cannot log in as reader:***'
    """
    line = " ".join(str(text).split())
    return line.replace(password, "***") if password else line
