"""The observation ledger: fourteen fields about one iteration, kept beside the evidence."""

from dataclasses import dataclass, fields

from modelwright.kernel.document import Document, Facts

__all__ = ["Observation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one iteration changed, moved, cost and taught.

    Examples:
        >>> len(fields(Observation))
        14
    """

    iteration: str
    """Which iteration: the version or run."""
    change: str
    """What was changed."""
    why_this_mattered: str
    """Why it was worth doing."""
    metric_movement: str
    """How the primary and guardrail metrics moved, with intervals."""
    slice_movement: str
    """How the slices moved."""
    false_positives: str
    """What is known of wrong yeses."""
    false_negatives: str
    """What is known of wrong noes."""
    unexpected_errors: str
    """What nobody expected."""
    decision: str
    """What was decided."""
    tradeoff_accepted: str
    """What was given up."""
    lesson_captured: str
    """What is known now."""
    regression_added: str
    """What is checked from now on."""
    debt_created: str
    """What was left open."""
    next_iteration: str
    """What to try next, so that it can fail."""

    def document(self) -> Document:
        """Render the observation."""
        pairs = tuple(
            (field.name.replace("_", " ").capitalize(), str(getattr(self, field.name)))
            for field in fields(self)
        )
        return Document(title="Observation", blocks=(Facts(items=pairs),))
