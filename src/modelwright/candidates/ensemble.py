"""Ensembles: weighted averages of models; weights found greedily on out-of-fold predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from modelwright.candidates.catalogue import load_model
from modelwright.candidates.estimator import Model, Vector
from modelwright.candidates.loss import loss_of
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import BundleRejected
from modelwright.ledger.codec import decode, encode
from modelwright.tasks.target import TargetSpec

__all__ = ["EnsembleModel", "greedy_weights", "load_ensemble"]

LIST = "ensemble.json"

STEPS = 40
"""Steps of the greedy search: weights come in fortieths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One member in the stored form."""

    format: str
    """The stored form of the member."""
    weight: float
    """Its weight."""


class EnsembleModel:
    """A weighted average of models, of probabilities or of values.

    Args:
        members: Weight and model; weights add to 1.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> pair = EnsembleModel(((0.5, PriorModel((0.0, 1.0))), (0.5, PriorModel((1.0, 0.0)))))
        >>> pair.predict(np.zeros((1, 1))).tolist()
        [[0.5, 0.5]]
    """

    format = "ensemble"

    def __init__(self, members: Sequence[tuple[float, Model]]) -> None:
        """Keep the members; those of a member that is itself an ensemble are taken over one by one."""
        flat: list[tuple[float, Model]] = []
        for weight, model in members:
            if isinstance(model, EnsembleModel):
                flat += [(weight * inner, one) for inner, one in model.members]
            else:
                flat.append((weight, model))
        self.members: tuple[tuple[float, Model], ...] = tuple(flat)

    def predict(self, x: Matrix) -> Matrix:
        """Return the weighted average, members in order."""
        first, *others = self.members
        made = first[1].predict(x) * first[0]
        for weight, model in others:
            made += model.predict(x) * weight
        return made

    def files(self) -> Mapping[str, bytes]:
        """Return the stored form: a list, and one folder per member."""
        listed = tuple(_Member(format=model.format, weight=weight) for weight, model in self.members)
        stored = {LIST: encode(listed)}
        for place, (_, model) in enumerate(self.members):
            stored |= {f"{place}/{name}": data for name, data in model.files().items()}
        return stored

    def importance(self) -> Mapping[str, float]:
        """Return the weighted average over the members that can tell."""
        told = [(weight, model.importance()) for weight, model in self.members]
        known = [(weight, shares) for weight, shares in told if shares]
        total = sum(weight for weight, _ in known)
        names = {name: None for _, shares in known for name in shares}
        return {
            name: sum(weight * shares.get(name, 0.0) for weight, shares in known) / total for name in names
        }


def load_ensemble(files: Mapping[str, bytes]) -> EnsembleModel:
    """Return the model of a stored form.

    Raises:
        BundleRejected: When the list is missing, or a member is.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> load_ensemble(EnsembleModel(((1.0, PriorModel((0.5, 0.5))),)).files()).members[0][0]
        1.0
    """
    if LIST not in files:
        raise BundleRejected(
            f"the stored ensemble lacks {LIST}",
            why="nobody knows what it is made of",
            next_step="pack the model again from its run",
        )
    members = []
    for place, member in enumerate(decode(files[LIST], tuple[_Member, ...])):
        folder = f"{place}/"
        inner = {name.removeprefix(folder): data for name, data in files.items() if name.startswith(folder)}
        members.append((member.weight, load_model(member.format, inner)))
    return EnsembleModel(members)


def greedy_weights(
    predictions: Sequence[Matrix], y: Vector, *, target: TargetSpec, weight: Vector | None = None
) -> tuple[float, ...]:
    """Return weights that lower the loss, by adding the best member again and again, with replacement.

    Source: Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models", ICML
    2004. Ties go to the member listed first.

    Args:
        predictions: Out-of-fold scores of each member on the same rows.
        y: Encoded targets.
        target: What is predicted.
        weight: Weights of rows.

    Examples:
        >>> spec = TargetSpec(task="regression", name="y")
        >>> y = np.array([1.0, 2.0])
        >>> greedy_weights([y[:, None] + 1, y[:, None] - 1], y, target=spec)
        (0.5, 0.5)
    """
    if len(predictions) == 1:
        return (1.0,)
    counts = np.zeros(len(predictions), dtype=np.int64)
    total = np.zeros_like(predictions[0])
    best_loss, best_counts = np.inf, counts.copy()
    for step in range(1, STEPS + 1):
        losses = [loss_of(y, (total + member) / step, target=target, weight=weight) for member in predictions]
        chosen = int(np.argmin(losses))
        counts[chosen] += 1
        total = total + predictions[chosen]
        if losses[chosen] < best_loss:
            best_loss, best_counts = losses[chosen], counts.copy()
    return tuple((best_counts / best_counts.sum()).tolist())
