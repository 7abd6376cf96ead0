"""Fitting a calibrator on the validation part, and keeping it only where it pays."""

from typing import Literal

import numpy as np

from modelwright.candidates.estimator import Vector
from modelwright.candidates.loss import loss_of
from modelwright.features.transform import Matrix
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibration import SMALLEST, Calibrator

__all__ = ["fit_calibrator"]

FEWEST_OF_A_CLASS = 10
"""With fewer validation rows of a class nothing about its probability can be learned."""


def fit_calibrator(
    y: Vector, scores: Matrix, *, target: TargetSpec, kind: Literal["none", "sigmoid", "isotonic"]
) -> tuple[Calibrator | None, str]:
    """Fit a calibrator on rows no model was fitted on.

    It is kept only if it lowers the total log loss of these rows by more than it has free parameters
    (Akaike, 1974); isotonic regression counts two for each step, its height and its place.

    Args:
        y: Encoded targets of the validation rows.
        scores: Their scores.
        target: What is predicted.
        kind: Sigmoid (Platt, 1999) or isotonic (Zadrozny and Elkan, KDD 2002) for two classes; for more,
            either asks for a temperature (Guo et al., ICML 2017).

    Returns:
        The calibrator, or None, and what a reader should know about it (empty when there is nothing).

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> y = np.array([0.0, 0, 0, 1] * 50)
        >>> calibrator, _ = fit_calibrator(y, np.full((200, 2), 0.5), target=spec, kind="sigmoid")
        >>> round(float(calibrator.apply(np.array([[0.5, 0.5]]))[0, 1]), 3)
        0.25
    """
    if kind == "none" or not target.classes:
        return None, ""
    counts = np.bincount(y.astype(np.int64), minlength=len(target.classes))
    if target.task == "binary" and counts.min() < FEWEST_OF_A_CLASS:
        few = target.classes[int(np.argmin(counts))]
        return None, f"not calibrated: {counts.min()} validation rows of class '{few}' are too few"
    if target.task == "multiclass":
        made, free = _temperature(y, scores), 1.0
    elif kind == "sigmoid":
        made, free = _sigmoid(y, scores[:, 1]), 2.0
    else:
        made, free = _isotonic(y, scores[:, 1])
    gain = len(y) * (loss_of(y, scores, target=target) - loss_of(y, made.apply(scores), target=target))
    if not gain > free:
        return None, f"not calibrated: {made.kind} lowers the validation log loss by {gain / len(y):.5f} only"
    return made, ""


def _odds(positive: Vector) -> Vector:
    clipped = np.clip(positive, SMALLEST, 1 - SMALLEST)
    return np.log(clipped / (1 - clipped))


def _sigmoid(y: Vector, positive: Vector) -> Calibrator:
    """Fit slope and offset of the log-odds, targets smoothed as Platt proposes."""
    from scipy.optimize import minimize  # loaded where it is used: scoring does without

    ones = y.sum()
    smoothed = np.where(y > 0, (ones + 1) / (ones + 2), 1 / (len(y) - ones + 2))
    odds = _odds(positive)

    def loss(found: Vector) -> tuple[float, Vector]:
        sums = found[0] * odds + found[1]
        rest = 1 / (1 + np.exp(-np.clip(sums, -500, 500))) - smoothed
        value = float(np.mean(np.logaddexp(0, sums) - smoothed * sums))
        return value, np.array([np.mean(rest * odds), np.mean(rest)])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-9}).x
    # A falling map would turn the order of rows around: noise, not calibration.
    return Calibrator(kind="sigmoid", slope=float(max(found[0], 1e-6)), offset=float(found[1]))


def _isotonic(y: Vector, positive: Vector) -> tuple[Calibrator, float]:
    from sklearn.isotonic import IsotonicRegression  # a second that scoring must not pay

    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(positive, y)
    corners = zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)
    steps = len(np.unique(model.y_thresholds_))
    # Never sure: a share of zero or one would be refuted by the first mistake.
    edge = 1 / (len(y) + 2)
    points = tuple((known, min(max(share, edge), 1 - edge)) for known, share in corners)
    return Calibrator(kind="isotonic", points=points), 2.0 * steps


def _temperature(y: Vector, scores: Matrix) -> Calibrator:
    from scipy.optimize import minimize_scalar  # loaded where it is used: scoring does without

    logs = np.log(np.maximum(scores, SMALLEST))
    places = np.arange(len(y)), y.astype(np.intp)

    def loss(slope: float) -> float:
        heated = slope * logs
        top = heated.max(axis=1)
        return float(np.mean(np.log(np.exp(heated - top[:, None]).sum(axis=1)) + top - heated[places]))

    found = minimize_scalar(loss, bounds=(0.05, 20.0), method="bounded", options={"xatol": 1e-8})
    return Calibrator(kind="temperature", slope=float(found.x))
