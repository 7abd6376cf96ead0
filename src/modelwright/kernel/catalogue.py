"""Catalogues: built-ins and plugins enter by the same door, as `name -> dotted path`.

A catalogue holds names and the place each is defined; nothing is imported until it is asked for, and
nothing registers itself by being imported. Installed packages join through an entry-point group
`modelwright.<kind>`.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Generic, TypeVar

from modelwright.kernel.errors import OurFault, UnknownName

__all__ = ["Catalogue"]

T = TypeVar("T")


class Catalogue(Generic[T]):
    """The members of one family, found by name.

    Args:
        kind: The family's name, such as `estimators`; the entry-point group is `modelwright.<kind>`.
        built_in: Name to `package.module:attribute` for what ships with Modelwright.

    Examples:
        >>> shapes = Catalogue[type]("shapes", {"path": "pathlib:PurePosixPath"})
        >>> shapes.names()
        ('path',)
        >>> shapes.get("path").__name__
        'PurePosixPath'
    """

    def __init__(self, kind: str, built_in: Mapping[str, str]) -> None:
        """Keep the names; import nothing."""
        self.kind = kind
        self._built_in = dict(built_in)
        self._places: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._places is None:
            # loaded here: it costs a command that looks nothing up a fifth of its start
            from importlib.metadata import entry_points

            plugins = {point.name: point.value for point in entry_points(group=f"modelwright.{self.kind}")}
            self._places = {**plugins, **self._built_in}
        return self._places

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted; built-ins win over plugins of the same name."""
        return tuple(sorted(self._all()))

    def get(self, name: str) -> T:
        """Import and return one member.

        Raises:
            UnknownName: When there is no such member; the nearest name is offered.
            OurFault: When the place a member names does not hold it.
        """
        places = self._all()
        if name not in places:
            raise UnknownName.among(self.kind.rstrip("s"), name, self.names())
        module, _, attribute = places[name].partition(":")
        try:
            member: T = getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise OurFault(
                f"{places[name]}, which the catalogue of {self.kind} names, cannot be loaded: {error}",
                why="a member that cannot be loaded cannot be used or checked",
                next_step="reinstall the package that provides it",
            ) from error
        return member
