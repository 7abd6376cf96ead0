"""What every section of a contract has in common: frozen, strict, unknown keys refused."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """The base of every part of a contract.

    Examples:
        >>> class Note(Section):
        ...     text: str
        >>> Note(text="a").text
        'a'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, use_attribute_docstrings=True)
