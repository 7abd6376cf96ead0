"""The operation plan: rollout, monitoring and the stack the model lives on."""

from typing import Literal

from pydantic import Field

from modelwright.contracts.section import Section

__all__ = ["MonitoringPlan", "RolloutPlan", "RolloutStep", "Stack"]


class RolloutStep(Section):
    """One step of a rollout.

    Examples:
        >>> RolloutStep(share=0.1, hold="1h", min_requests=200).share
        0.1
    """

    share: float = Field(gt=0, le=1)
    """Share of traffic the challenger receives."""
    hold: str = "1h"
    """The least time at this step, such as `30s`, `10m` or `1h`."""
    min_requests: int = Field(default=200, ge=1)
    """The least number of challenger answers before advancing."""


class RolloutPlan(Section):
    """How a challenger takes over, and what sends it back.

    Examples:
        >>> len(RolloutPlan().steps)
        4
    """

    strategy: Literal["canary"] = "canary"
    """How traffic moves to the challenger."""
    steps: tuple[RolloutStep, ...] = (
        RolloutStep(share=0.10, hold="1h"),
        RolloutStep(share=0.25, hold="2h"),
        RolloutStep(share=0.50, hold="4h"),
        RolloutStep(share=1.0, hold="0s"),
    )
    """The steps, in order."""
    max_error_rate: float = Field(default=0.01, ge=0, le=1)
    """Roll back when the challenger's error rate is above this, and above the champion's beyond chance."""
    max_p99_ms: float = Field(default=500.0, gt=0)
    """Roll back when the challenger's 99th percentile latency is above this, in milliseconds."""
    max_quality_drop: float = Field(default=0.02, ge=0)
    """Roll back when quality on joined labels is below the champion's by more than this, beyond chance."""
    max_prediction_psi: float = Field(default=0.25, gt=0)
    """Roll back when the distribution of answers differs from the champion's by more than this."""


class MonitoringPlan(Section):
    """What is watched in production, and who is told.

    Examples:
        >>> MonitoringPlan(owner="ml on call").psi_alert
        0.2
    """

    owner: str = ""
    """Who answers an alert; an alert without an owner is a finding."""
    window: str = "1d"
    """The length of a window."""
    min_rows: int = Field(default=200, ge=1)
    """The least number of answers for a window to be judged; fewer is unknown."""
    psi_warn: float = Field(default=0.1, gt=0)
    """Population stability index above this is a warning."""
    psi_alert: float = Field(default=0.2, gt=0)
    """Population stability index above this is an alert."""
    false_alarm_rate: float = Field(default=0.01, gt=0, lt=0.5)
    """The false discovery rate at which drift tests are corrected over all columns of a window."""
    quality_drop_alert: float = Field(default=0.02, gt=0)
    """Absolute drop of the primary metric on late labels that alerts."""
    quality_drop_retrain: float = Field(default=0.05, gt=0)
    """Relative drop of the primary metric that asks for a retraining candidate."""
    min_label_share: float = Field(default=0.5, ge=0, le=1)
    """The least share of answers whose label has arrived for quality to be judged after the label delay."""
    critical_features: tuple[str, ...] = ()
    """Features whose drift asks for a retraining candidate."""
    runbook: str = ""
    """Where the runbook lies."""


class Stack(Section):
    """What the model lives on. Everything has a built-in local member.

    Examples:
        >>> Stack().tracking
        'local'
    """

    tracking: Literal["local", "mlflow", "wandb", "neptune", "clearml"] = "local"
    """Experiment tracking beside our own run records."""
    feature_store: Literal["none", "custom", "feast", "tecton", "databricks"] = "none"
    """Feature store."""
    serving_platform: Literal["local", "kserve", "seldon", "torchserve", "triton", "bentoml"] = "local"
    """Serving platform."""
    orchestrator: Literal["local", "kubeflow", "airflow", "prefect", "dagster"] = "local"
    """Pipeline orchestrator."""
    cloud: Literal["none", "aws", "azure", "gcp", "multi-cloud"] = "none"
    """Cloud provider."""
    deployment: Literal["realtime", "batch", "streaming", "hybrid"] = "realtime"
    """Deployment mode."""
    monitoring: Literal["local", "prometheus", "datadog", "newrelic"] = "local"
    """Monitoring stack."""
