"""How a report on the sealed part says which look it was, and why it tells no more."""

from modelwright.evaluation.look import SealedLook
from modelwright.kernel.document import Block, Callout, Table

__all__ = ["look_facts", "look_section"]


def look_section(look: SealedLook | None, *, primary: str) -> tuple[Block, ...]:
    """Return what a reader has to know before the figures; nothing where everything is told at first.

    Args:
        look: The look; None for a report on another part.
        primary: The metric that is told through the Ladder.

    Examples:
        >>> look_section(None, primary="roc_auc")
        ()
    """
    if look is None:
        return ()
    blocks: list[Block] = []
    if look.opened_before:
        told = (
            f"Look {look.opened_before} had told everything about these rows before. The intervals hold for "
            "a model that was made without it; they do not hold against one that was made with it."
        )
        blocks.append(Callout(tone="unknown", text=told))
    if look.opens:
        return tuple(blocks)
    if look.told == "comparison":
        why = (
            f"Look {look.number} of {look.allowed}: all lines passed. What was told once under this contract "
            "is not told again: of this model only the agreed metrics, beside those of its rivals."
        )
        return (*blocks, Callout(tone="note", text=why), *_lines(look))
    why = (
        f"Look {look.number} of {look.allowed} did not decide, and more may follow: it tells how each line "
        f"came out, and {primary} in steps of {look.step or 0:g}. All other figures stay sealed until the "
        "look that decides: a model that was made with them would be measured against what it was made of."
    )
    if look.told == "nothing new":
        why = (
            f"Look {look.number} of {look.allowed}: {primary} is not better than the best value told "
            f"by more than {look.step or 0:g}, and so it is not told. The lines came out so:"
        )
    return (*blocks, Callout(tone="note", text=why), *_lines(look))


def _lines(look: SealedLook) -> tuple[Block, ...]:
    if not look.lines:
        return ()
    rows = tuple((line.text, line.status.value) for line in look.lines)
    return (Table(columns=("line", "outcome"), rows=rows, caption="Judged by the scorer."),)


def look_facts(look: SealedLook) -> list[tuple[str, str]]:
    """Return how the level of a look came about.

    Examples:
        >>> look_facts(SealedLook(number=1, allowed=3, level=0.9696, bits=0, told="everything"))[0]
        ('Look', '1 of 3; it tells everything')
    """
    grew = (
        "it spends its share of the error that all looks together may make (6 / (pi k)^2 for look k), "
        f"divided by 2^{look.bits} for what earlier answers told"
    )
    return [
        ("Look", f"{look.number} of {look.allowed}; it tells {look.told}"),
        ("Level", f"{grew} (Dwork et al., NeurIPS 2015; Blum and Hardt, ICML 2015)"),
        ("Digits", "one significant digit below the half-width of the interval; ends are moved outward"),
    ]
