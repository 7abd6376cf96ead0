"""What every section of a contract has in common: frozen, strict, unknown keys refused."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """The base of every part of a contract.

    A number where text is due is taken as it is spelled (a class named `1` needs no quotes); NaN and
    infinity are refused everywhere.

    Examples:
        >>> class Note(Section):
        ...     text: str
        >>> Note(text="a").text
        'a'
    """

    model_config = ConfigDict(
        frozen=True,
        # Sections are built when the first contract is validated: half of them never are by themselves.
        defer_build=True,
        extra="forbid",
        strict=False,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
    )
