"""The envelope: what every answer carries, whatever asked for it."""

import msgspec

__all__ = ["Envelope", "Prediction"]


class Prediction(msgspec.Struct, kw_only=True, frozen=True):
    """The answer for one row.

    Examples:
        >>> Prediction(prediction="no", probabilities={"no": 0.9, "yes": 0.1}, confidence=0.9).fallback
        False
    """

    prediction: str | float | None
    """The class or the value; None when the rule abstains or there is no answer."""
    probabilities: dict[str, float] | None = None
    """Probability of each class; None for regression and where there is none."""
    value: float | None = None
    """The predicted value of a regression, in the target's unit."""
    confidence: float | None = None
    """The highest probability; None for regression and where the model did not answer."""
    fallback: bool = False
    """Whether the fallback of the contract answered in place of the model."""
    fallback_reason: str | None = None
    """Why: `deadline` or `model error`."""
    review: bool = False
    """Whether a person must look before the answer is acted on."""


class Envelope(msgspec.Struct, kw_only=True, frozen=True):
    """A whole answer.

    Examples:
        >>> Envelope(
        ...     request_id="r1",
        ...     model="calls",
        ...     version="v1",
        ...     contract="sha256:0",
        ...     predictions=[],
        ...     latency_ms=0.4,
        ... ).version
        'v1'
    """

    request_id: str
    """Names the request; labels are sent back under it."""
    model: str
    """The model's name."""
    version: str
    """The version that answered."""
    contract: str
    """Digest of the contract it answered under."""
    predictions: list[Prediction]
    """One answer a row, in the order of the rows."""
    latency_ms: float
    """From the arrival of the whole request to the answer being made."""
