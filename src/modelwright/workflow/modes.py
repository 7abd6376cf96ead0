"""Modes as data: who is called, what is delivered, what is measured."""

from dataclasses import dataclass

from modelwright.kernel.errors import UnknownName

__all__ = ["MODES", "Mode", "mode_of"]

ALWAYS = (
    "prediction contract",
    "data contract",
    "baseline",
    "promotion gates",
    "automated pipeline",
    "model bundle",
    "rollback note",
)
"""What every mode delivers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """How much is done.

    Examples:
        >>> mode_of("quick").roles
        ('data-scientist', 'ml-engineer', 'mlops-engineer')
    """

    name: str
    """quick, standard or enterprise."""
    best_for: str
    """Whom it suits."""
    estimate: str
    """Planning estimate for people; no behaviour hangs on it."""
    roles: tuple[str, ...]
    """The pipeline roles of this mode, beside the guided roles every run calls."""
    stages: tuple[str, ...]
    """The names of the mode's stages."""
    deliverables: tuple[str, ...]
    """What the run leaves behind."""


MODES: tuple[Mode, ...] = (
    Mode(
        name="quick",
        best_for="prototypes and proofs of concept",
        estimate="2-3 days",
        roles=("data-scientist", "ml-engineer", "mlops-engineer"),
        stages=("Data Analysis & Features", "Model Development", "Basic Deployment"),
        deliverables=(*ALWAYS, "simple deployment", "documentation", "minimal monitoring note"),
    ),
    Mode(
        name="standard",
        best_for="production systems",
        estimate="1-2 weeks",
        roles=("data-scientist", "ml-engineer", "python-pro", "mlops-engineer", "observability-engineer"),
        stages=("Data & Requirements", "Model Development & Testing", "Production Deployment", "Monitoring"),
        deliverables=(*ALWAYS, "monitoring and alerting", "documentation and runbooks", "rollback procedure"),
    ),
    Mode(
        name="enterprise",
        best_for="large-scale production ML",
        estimate="3-4 weeks",
        roles=(
            "data-engineer",
            "data-scientist",
            "ml-engineer",
            "python-pro",
            "mlops-engineer",
            "kubernetes-architect",
            "observability-engineer",
        ),
        stages=(
            "Data Infrastructure",
            "Model Development & Optimization",
            "K8s Production Deployment",
            "Advanced Monitoring & Governance",
        ),
        deliverables=(
            *ALWAYS,
            "monitoring and alerting",
            "documentation and runbooks",
            "rollback procedure",
            "two-person approval",
        ),
    ),
)
"""The three modes, least first."""


def mode_of(name: str) -> Mode:
    """Return the mode of this name.

    Raises:
        UnknownName: When there is no such mode; the nearest is offered.

    Examples:
        >>> len(mode_of("enterprise").roles)
        7
    """
    for mode in MODES:
        if mode.name == name:
            return mode
    raise UnknownName.among("mode", name, [mode.name for mode in MODES])
