"""The decision a model serves: who makes it, what a mistake costs, what happens without the model."""

from pydantic import Field

from modelwright.contracts.section import Section

__all__ = ["Decision", "Mistakes", "SignalFamily", "SuccessMetric"]


class SuccessMetric(Section):
    """What the decision's owner looks at to say it worked.

    Examples:
        >>> SuccessMetric(name="subscriptions per 1,000 calls", target=">= 130").target
        '>= 130'
    """

    name: str = Field(min_length=3)
    """The product figure that should move, in the owner's words."""
    target: str = ""
    """The value that counts as success, such as `>= 130` or `-10 %`; empty when not agreed yet."""


class Mistakes(Section):
    """What being wrong costs. Metric, threshold, gate, stop rule and alert severity follow from it.

    Examples:
        >>> Mistakes(wrong_yes=1, wrong_no=8, unit="EUR", borne_by="the campaign budget").wrong_no
        8.0
    """

    wrong_yes: float = Field(default=1.0, ge=0)
    """Cost of acting when one should not have: a false positive. Regression: per unit predicted too high."""
    wrong_no: float = Field(default=1.0, ge=0)
    """Cost of not acting when one should have: a false negative. Regression: per unit predicted too low."""
    abstain: float | None = Field(default=None, ge=0)
    """Cost of handing a case to a person or a rule; null when abstaining is not offered."""
    late: float | None = Field(default=None, ge=0)
    """Cost of an answer after the deadline; null when it does not matter."""
    unit: str = "relative"
    """The unit of the costs: a currency, minutes, or `relative`."""
    borne_by: str = ""
    """Who pays."""
    budget: float | None = Field(default=None, ge=0)
    """Mistake budget: the highest expected cost per 1,000 decisions that is still acceptable."""
    unacceptable: tuple[str, ...] = ()
    """Mistakes that must not happen at any rate."""
    acceptable: tuple[str, ...] = ()
    """Mistakes one can live with."""


class SignalFamily(Section):
    """A family of candidate signals: why it may separate, and how it could leak.

    Examples:
        >>> SignalFamily(
        ...     family="history", why="past contacts tell interest", leak="counts after the call"
        ... ).family
        'history'
    """

    family: str
    """The name of the family, such as `recency` or `text`."""
    columns: tuple[str, ...] = ()
    """The columns that belong to it."""
    why: str
    """Why it should separate the classes or explain the value."""
    leak: str
    """How it could carry knowledge that is not there at prediction time."""


class Decision(Section):
    """The decision, its owner and the economics of its mistakes.

    Examples:
        >>> Decision(
        ...     goal="Call the clients who are likely to subscribe first",
        ...     owner="campaign lead",
        ...     action="order of the call list",
        ...     success_metric=SuccessMetric(name="subscriptions per call"),
        ... ).owner
        'campaign lead'
    """

    goal: str = Field(min_length=8)
    """An observable behaviour to change. "Improve the model" is refused."""
    who_cares: tuple[str, ...] = ()
    """The people and systems that feel the result."""
    owner: str = Field(min_length=2)
    """Who owns the decision: a role or a person."""
    action: str = Field(min_length=3)
    """What a prediction changes: the action of a user or a system."""
    success_metric: SuccessMetric
    """The product figure that should move."""
    guardrails: tuple[str, ...] = ()
    """Figures that must not get worse."""
    mistakes: Mistakes = Mistakes()
    """What being wrong costs."""
    assumptions: tuple[str, ...] = ()
    """What is taken for granted until shown; drafted answers land here."""
    constraints: tuple[str, ...] = ()
    """What limits the solution: law, latency, memory, interpretability."""
    candidate_signals: tuple[SignalFamily, ...] = ()
    """Hypotheses about what carries signal."""
    known_risks: tuple[str, ...] = ()
    """Risks known before any data was seen."""
    next_experiment: str = ""
    """The smallest experiment that would teach most."""
    fallback: str = ""
    """What happens without the model."""
