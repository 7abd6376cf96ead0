"""The configuration of a training: frozen, with a digest that names what it makes."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from modelwright.candidates.design import Design
from modelwright.candidates.estimator import EstimatorSpec
from modelwright.contracts.contract import Contract
from modelwright.kernel.digest import digest_of

__all__ = ["TrainingConfig", "config_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Everything a training depends on beside contract, data and plan.

    Examples:
        >>> spec = EstimatorSpec(family="boosting", name="trees")
        >>> config = TrainingConfig(design="pragmatic", members=(spec,), seed=7)
        >>> config.digest == TrainingConfig(design="pragmatic", members=(spec,), seed=7).digest
        True
    """

    design: str
    """The design it carries out."""
    members: tuple[EstimatorSpec, ...]
    """The models to train."""
    folds: int = 5
    """Folds of the cross-fitting."""
    seed: int
    """The seed of everything random: folds, members, ensembles."""
    threads: int = 2
    """How many fits are done at a time. Each uses one thread, so nothing depends on this but time."""
    bagging: Literal["folds", "refit"] = "folds"
    """The final model of a member: the average of its fold models, or one fit on all training rows (always
    so for a temporal split, where the models of early folds have not seen the recent past)."""
    calibration: Literal["none", "sigmoid", "isotonic"] = "sigmoid"
    """How scores are made honest on the validation part; it is kept only where it pays for its parameters."""
    max_rounds: int = 2000
    """Most rounds of a member that is grown in rounds."""
    early_stopping: int = 50
    """Rounds without a better loss on the held-out fold after which a fold stops."""
    exclude: tuple[str, ...] = ()
    """Columns that a decision about a risk took out; for the record, the plan has done so already."""

    @property
    def digest(self) -> str:
        """The name of this configuration; the number of threads changes nothing and is no part of it."""
        return digest_of(replace(self, threads=1))


def config_of(
    design: Design, contract: Contract, *, seed: int, threads: int, exclude: Collection[str] = ()
) -> TrainingConfig:
    """Return the configuration that carries out a design under a contract.

    Examples:
        >>> config_of.__name__
        'config_of'
    """
    temporal = contract.data.split.policy == "temporal"
    regression = contract.prediction.task == "regression"
    return TrainingConfig(
        design=design.name,
        members=design.members,
        folds=design.bagging_folds,
        seed=seed,
        threads=threads,
        bagging="refit" if temporal or design.name == "baseline" else "folds",
        calibration="none" if regression else "sigmoid",
        exclude=tuple(sorted(exclude)),
    )
