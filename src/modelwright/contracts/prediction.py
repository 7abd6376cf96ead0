"""The prediction: what is predicted for whom, how it is served, and what happens when it fails."""

from typing import Literal

from pydantic import Field

from modelwright.contracts.section import Section

__all__ = ["Fallback", "HumanReview", "Latency", "Prediction", "Privacy"]


class Latency(Section):
    """Allowed latency of one online answer, in milliseconds.

    Examples:
        >>> Latency(p95_ms=80).p99_ms
        200.0
    """

    p50_ms: float = Field(default=50.0, gt=0)
    """Half of the answers arrive within this time."""
    p95_ms: float = Field(default=150.0, gt=0)
    """95 % of the answers arrive within this time."""
    p99_ms: float = Field(default=200.0, gt=0)
    """99 % of the answers arrive within this time."""
    timeout_ms: float = Field(default=1000.0, gt=0)
    """After this time the fallback answers."""


class Fallback(Section):
    """What answers when the model cannot.

    Examples:
        >>> Fallback(kind="prior").kind
        'prior'
    """

    kind: Literal["prior", "constant", "abstain"] = "prior"
    """`prior`: class shares or median of training; `constant`: the value below; `abstain`: no answer."""
    value: str | float | None = None
    """The constant answer when kind is `constant`."""


class HumanReview(Section):
    """When a person looks at an answer before it is acted on.

    Examples:
        >>> HumanReview(below_confidence=0.6).below_confidence
        0.6
    """

    below_confidence: float | None = Field(default=None, ge=0, le=1)
    """Answers with lower confidence go to a person; null switches the lane off."""
    reason: str = ""
    """Why it is on, or why it is off."""


class Privacy(Section):
    """What is kept of inputs, answers and labels, and for how long.

    Examples:
        >>> Privacy().retention_days
        90
    """

    retention_days: int = Field(default=90, ge=1)
    """How long prediction logs and labels are kept, in days."""
    logged_fields: tuple[str, ...] = ()
    """Input columns that may stand in the prediction log; none by default."""
    audit: bool = True
    """Whether predictions are logged at all for later joins with labels."""


class Prediction(Section):
    """What is predicted, for which entity, and how the answer is served.

    Examples:
        >>> Prediction(task="binary", target="y", positive="yes").serving
        'online'
    """

    task: Literal["binary", "multiclass", "regression"]
    """The kind of problem."""
    target: str = Field(min_length=1)
    """The column to predict."""
    positive: str | None = None
    """Binary: the class that triggers the action, written as it stands in the data."""
    entity: str | None = None
    """The column that names what a prediction is about; null when a row has no identity."""
    horizon: str = ""
    """How far ahead the prediction looks, such as `at the start of the call` or `7d`."""
    serving: Literal["batch", "online", "streaming", "hybrid"] = "online"
    """How answers are asked for."""
    latency: Latency = Latency()
    """Allowed latency of one online answer."""
    fallback: Fallback = Fallback()
    """What answers when the model cannot."""
    human_review: HumanReview = HumanReview()
    """When a person looks first."""
    privacy: Privacy = Privacy()
    """What is kept, and for how long."""
