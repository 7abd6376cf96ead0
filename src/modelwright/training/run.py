"""The run: the record of one training, complete enough to do it again and compare."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Callout, Document, Facts, Heading, Listing, Table
from modelwright.kernel.outcome import Outcome
from modelwright.training.config import TrainingConfig

__all__ = ["Environment", "Run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a training ran on.

    Examples:
        >>> Environment(
        ...     python="3.11.9", platform="Linux", packages={"numpy": "2.4"}, commit=None, dirty=None
        ... ).python
        '3.11.9'
    """

    python: str
    """Version of Python."""
    platform: str
    """Operating system and machine."""
    packages: Mapping[str, str]
    """Installed packages and their versions."""
    commit: str | None = None
    """The commit the code was at; None when it is not under version control."""
    dirty: bool | None = None
    """Whether the code differed from that commit; None when that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training: from what, how, with what result. Undefined numbers are None.

    All fields but `seconds` and `environment` follow from the inputs, bit for bit.

    Examples:
        >>> Run.__slots__[0]
        'id'
    """

    id: str
    """The run's name; it follows from the digests of its inputs."""
    config: TrainingConfig
    """How it was trained."""
    config_digest: str
    """Digest of the configuration."""
    contract_digest: str
    """Digest of the contract."""
    snapshot_digest: str
    """Digest of the data."""
    plan_digest: str
    """Digest of the feature plan."""
    seed: int
    """The seed."""
    design: str
    """The design that was carried out."""
    rows: Mapping[str, int]
    """Rows used for training, with an out-of-fold prediction, and for calibration."""
    metrics: Mapping[str, float | None]
    """Metrics on out-of-fold predictions, before calibration; where rows have no such prediction (the first
    block of a temporal split), they are left out."""
    fold_metrics: Mapping[str, tuple[float | None, ...]]
    """The same by fold."""
    member_metrics: Mapping[str, float | None]
    """Out-of-fold loss of each member on its own."""
    member_weights: Mapping[str, float]
    """Weight of each member in the final model, adding to 1."""
    rounds: Mapping[str, int]
    """Rounds settled for the members that are grown in rounds."""
    seconds: float
    """Time it took, without what was taken over from checkpoints."""
    environment: Environment
    """What it ran on."""
    pipeline: str
    """Artifact digest of the manifest: file name to artifact digest."""
    pipeline_files: Mapping[str, str]
    """File name to artifact digest."""
    oof_digest: str
    """Digest of the out-of-fold predictions."""
    importance: Mapping[str, float]
    """How much each matrix column is used, most first, adding to 1; empty where no member can tell."""
    sanity: tuple[Outcome, ...]
    """The sanity checks."""
    calibration: str
    """What was kept as calibration: none, sigmoid, isotonic or temperature."""
    notes: tuple[str, ...] = ()
    """What a reader must know: members dropped, rows left out, calibration refused."""

    def document(self) -> Document:
        """Render the run."""
        blocks: list[Block] = [Heading(text="What was trained"), self._facts()]
        blocks += [Callout(tone="note", text=note) for note in self.notes]
        folds = len(next(iter(self.fold_metrics.values()), ()))
        blocks += [
            Heading(text="Out-of-fold metrics"),
            Table(
                columns=("metric", "all rows", *(f"fold {index + 1}" for index in range(folds))),
                rows=tuple(
                    (name, _number(value), *map(_number, self.fold_metrics.get(name, ())))
                    for name, value in self.metrics.items()
                ),
                caption="Every row is predicted by models that never saw it.",
            ),
            Heading(text="Members"),
            Table(
                columns=("member", "family", "out-of-fold loss", "weight"),
                rows=tuple(
                    (
                        spec.name,
                        spec.family,
                        _number(self.member_metrics.get(spec.name)),
                        f"{self.member_weights.get(spec.name, 0.0):.2f}",
                    )
                    for spec in self.config.members
                ),
            ),
        ]
        if self.importance:
            most = tuple(list(self.importance.items())[:20])
            rows = tuple((name, f"{value:.3f}") for name, value in most)
            blocks += [Heading(text="Feature importance"), Table(columns=("feature", "share"), rows=rows)]
        blocks += [Heading(text="Sanity checks")]
        blocks += [
            Callout(tone=outcome.status.value, text=f"{outcome.what}: {'; '.join(outcome.evidence)}")
            for outcome in self.sanity
        ]
        blocks += [Heading(text="Environment"), self._environment()]
        return Document(title=f"Run {self.id}", blocks=tuple(blocks))

    def _facts(self) -> Facts:
        return Facts(
            items=(
                ("Design", self.design),
                ("Rows", ", ".join(f"{name} {count:,}" for name, count in self.rows.items())),
                ("Seed", str(self.seed)),
                ("Threads", str(self.config.threads)),
                ("Time", f"{self.seconds:.1f} s"),
                ("Calibration", self.calibration),
                ("Configuration", short(self.config_digest)),
                ("Contract", short(self.contract_digest)),
                ("Snapshot", short(self.snapshot_digest)),
                ("Pipeline", short(self.pipeline)),
                ("Out-of-fold predictions", short(self.oof_digest)),
            )
        )

    def _environment(self) -> Listing:
        kept = self.environment
        code = "not under version control" if kept.commit is None else f"commit {kept.commit[:12]}"
        state = {None: "", True: ", with changes that are not committed", False: ", clean"}[kept.dirty]
        return Listing(
            items=(
                f"Python {kept.python} on {kept.platform}",
                code + state,
                ", ".join(f"{name} {version}" for name, version in kept.packages.items()),
            )
        )


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"
