"""Boosting: gradient boosted trees by LightGBM (Ke et al., NeurIPS 2017), with an extra-trees mode.

Deterministic by construction: fixed seed and thread count, row-wise histograms, deterministic sums.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from modelwright.candidates.booster import BoosterModel
from modelwright.candidates.estimator import Holdout, Param, Vector
from modelwright.candidates.params import Params
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.target import TargetSpec

__all__ = ["BoostingEstimator"]

DEFAULTS: Mapping[str, Param] = {
    "max_rounds": 200,
    "early_stopping": 50,
    "learning_rate": 0.05,
    "leaves": 31,
    "depth": -1,
    "min_leaf": 20,
    "feature_fraction": 0.8,
    "node_fraction": 1.0,
    "row_fraction": 1.0,
    "l1": 0.0,
    "l2": 1.0,
    "extra_trees": False,
    "category_smoothing": 10.0,
    "one_hot_up_to": 4,
    "category_group": 20,
    "path_smoothing": 0.0,
    "bins": 255,
    "log_target": False,
    "loss": "default",
}
"""Hyper-parameters and their defaults."""

LOSSES = {"default": "regression", "squared": "regression", "absolute": "regression_l1"}
"""Regression losses by name."""


class BoostingEstimator:
    """Fits boosted trees. Loss: log loss, or squared error (absolute with `loss`).

    With a holdout it grows until `early_stopping` rounds brought nothing, and remembers the curve; without
    one it grows `max_rounds`.

    Args:
        params: `max_rounds`, `early_stopping`, `learning_rate`, `leaves`, `depth`, `min_leaf`,
            `feature_fraction`, `node_fraction`, `row_fraction`, `l1`, `l2`, `extra_trees`,
            `category_smoothing`, `one_hot_up_to`, `category_group`, `path_smoothing`, `bins`,
            `log_target`, `loss`.

    Examples:
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
        >>> spec = TargetSpec(task="regression", name="y")
        >>> x = np.arange(40.0)[:, None]
        >>> model = BoostingEstimator({"max_rounds": 50, "min_leaf": 5}).fit(
        ...     x, x[:, 0], plan=plan, target=spec
        ... )
        >>> bool(model.predict(x[:1])[0, 0] < model.predict(x[-1:])[0, 0])
        True
    """

    grows = True
    seeded = True

    def __init__(self, params: Mapping[str, Param]) -> None:
        """Read the hyper-parameters."""
        self.params = Params("boosting", params, defaults=DEFAULTS)

    def fit(
        self,
        x: Matrix,
        y: Vector,
        *,
        plan: FeaturePlan,
        target: TargetSpec,
        weight: Vector | None = None,
        seed: int = 0,
        threads: int = 1,
        holdout: Holdout | None = None,
    ) -> BoosterModel:
        """Grow the trees.

        Raises:
            TrainingFailed: When LightGBM refuses the rows or the hyper-parameters.
        """
        import lightgbm

        transform = self._transform(y, target)
        scale = np.log1p if transform == "log1p" else np.asarray
        curve: dict[str, dict[str, list[float]]] = {}
        callbacks = [lightgbm.record_evaluation(curve)]
        if holdout is not None:
            patience = self.params.whole("early_stopping")
            callbacks.append(lightgbm.early_stopping(patience, verbose=False))
        try:
            rows = lightgbm.Dataset(
                x,
                label=scale(y),
                weight=weight,
                categorical_feature=list(plan.categorical),
                params=self._rows(),
                free_raw_data=True,
            )
            watched = (
                []
                if holdout is None
                else [
                    lightgbm.Dataset(holdout[0], label=scale(holdout[1]), reference=rows, params=self._rows())
                ]
            )
            booster = lightgbm.train(
                self._settings(target, seed=seed, threads=threads),
                rows,
                num_boost_round=self.params.whole("max_rounds"),
                valid_sets=watched,
                valid_names=["holdout"] * len(watched),
                callbacks=callbacks,
            )
            text = booster.model_to_string(num_iteration=booster.current_iteration(), importance_type="gain")
        except lightgbm.basic.LightGBMError as error:
            raise TrainingFailed(
                f"LightGBM cannot be fitted on {len(x)} rows and {x.shape[1]} columns: {error}",
                why="this member of the design has no model",
                next_step="correct the hyper-parameters of the member, or bring more rows",
            ) from error
        losses = next(iter(curve.get("holdout", {}).values()), [])
        return BoosterModel.of(
            text.encode("utf-8"),
            outputs=max(len(target.classes), 1),
            transform=transform,
            names=plan.names,
            curve=tuple(losses),
        )

    def _transform(self, y: Vector, target: TargetSpec) -> Literal["identity", "log1p"]:
        if target.classes or not (self.params.flag("log_target") or target.transform == "log1p"):
            return "identity"
        return "log1p" if float(y.min()) > -1 else "identity"

    def _rows(self) -> dict[str, Param]:
        return {"max_bin": self.params.whole("bins"), "feature_pre_filter": False, "verbosity": -1}

    def _settings(self, target: TargetSpec, *, seed: int, threads: int) -> dict[str, Param]:
        params = self.params
        objective = {"binary": "binary", "multiclass": "multiclass"}.get(target.task)
        settings: dict[str, Param] = {
            "objective": objective or LOSSES.get(params.word("loss"), params.word("loss")),
            "learning_rate": params.number("learning_rate"),
            "num_leaves": params.whole("leaves"),
            "max_depth": params.whole("depth"),
            "min_data_in_leaf": params.whole("min_leaf"),
            "feature_fraction": params.number("feature_fraction"),
            "feature_fraction_bynode": params.number("node_fraction"),
            "bagging_fraction": params.number("row_fraction"),
            "bagging_freq": int(params.number("row_fraction") < 1),
            "lambda_l1": params.number("l1"),
            "lambda_l2": params.number("l2"),
            "extra_trees": params.flag("extra_trees"),
            "cat_smooth": params.number("category_smoothing"),
            "max_cat_to_onehot": params.whole("one_hot_up_to"),
            "min_data_per_group": params.whole("category_group"),
            "path_smooth": params.number("path_smoothing"),
            "seed": seed,
            "num_threads": threads,
            "deterministic": True,
            "force_row_wise": True,
        }
        if target.task == "multiclass":
            settings["num_class"] = len(target.classes)
        return settings | self._rows()
