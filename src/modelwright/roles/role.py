"""The twelve roles, as data: duties, phases, modes, and whether the role may write."""

from dataclasses import dataclass

from modelwright.kernel.errors import UnknownName

__all__ = ["ROLES", "Role", "role_of"]

EVERY = ("quick", "standard", "enterprise")
LARGER = ("standard", "enterprise")
LARGEST = ("enterprise",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One expert: what it is for and where it is called.

    Examples:
        >>> role_of("ml-writer").writes
        True
    """

    id: str
    """The role's name."""
    duties: str
    """What it does, in one sentence."""
    phases: tuple[int, ...]
    """The phases that may call it."""
    modes: tuple[str, ...]
    """The modes it takes part in."""
    writes: bool = False
    """Whether it may write files of the project; only from phase 7 on, and only one role may."""
    returns: tuple[str, ...] = ()
    """The typed reports it returns."""


def _role(
    identity: str,
    duties: str,
    phases: tuple[int, ...],
    modes: tuple[str, ...],
    returns: tuple[str, ...] = (),
    writes: bool = False,  # noqa: FBT001, FBT002 - a column of the table
) -> Role:
    return Role(id=identity, duties=duties, phases=phases, modes=modes, returns=returns, writes=writes)


ROLES: tuple[Role, ...] = (
    _role(
        "ml-explorer",
        "Reads what exists: data sources, features, training, serving, tests; names the key files.",
        (1, 2, 3),
        EVERY,
        ("ExplorationReport",),
    ),
    _role(
        "ml-architect",
        "Proposes three designs, weighs quality against complexity and cost, recommends one.",
        (4,),
        EVERY,
        ("Proposals",),
    ),
    _role(
        "data-scientist",
        "Judges data quality and risk, designs the evaluation, checks facts, runs the evaluation.",
        (2, 3, 5, 6, 11),
        EVERY,
        ("RiskList", "EvaluationDesign", "FactCheck", "EvaluationReport"),
    ),
    _role(
        "mlops-engineer",
        "Designs training pipeline, tracking and packaging; carries training and integration out.",
        (5, 8, 9),
        EVERY,
        ("PipelineDesign", "Run"),
    ),
    _role(
        "ml-engineer",
        "Turns the approved design into a training configuration and checks its components.",
        (7, 9),
        EVERY,
        ("TrainingConfig", "ComponentChecks"),
    ),
    _role(
        "ml-writer",
        "Writes the approved design into files of the project; the only hand that writes.",
        (7, 8, 9, 10, 11),
        EVERY,
        ("WrittenFiles",),
        writes=True,
    ),
    _role(
        "ml-reviewer",
        "Reviews code for quality, ML practice and performance; reports at confidence 80 and above.",
        (10,),
        EVERY,
        ("ReviewReport",),
    ),
    _role(
        "mle-reviewer",
        "Reviews the evidence of the whole life against the production checklist.",
        (10,),
        EVERY,
        ("ReviewReport",),
    ),
    _role(
        "python-pro",
        "Turns prototypes into typed, tested, production code.",
        (7, 8),
        LARGER,
        ("ComponentChecks",),
    ),
    _role(
        "observability-engineer",
        "Plans what is watched, who is told, and what they do then.",
        (12,),
        LARGER,
        ("OperationNote",),
    ),
    _role(
        "data-engineer",
        "Audits sources, plans ingestion, storage layers and quality gates.",
        (2,),
        LARGEST,
        ("SourceAudit",),
    ),
    _role(
        "kubernetes-architect",
        "Plans scheduling, scaling and storage on Kubernetes.",
        (9,),
        LARGEST,
        (),
    ),
)
"""The registry. A role is data; its deterministic member is the module of the same name."""


def role_of(identity: str) -> Role:
    """Return the role of this name.

    Raises:
        UnknownName: When there is no such role; the nearest is offered.

    Examples:
        >>> role_of("ml-architect").phases
        (4,)
    """
    for role in ROLES:
        if role.id == identity:
            return role
    raise UnknownName.among("role", identity, [role.id for role in ROLES])
