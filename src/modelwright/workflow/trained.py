"""A trained model as the workflow keeps it: the files of its pipeline, by digest, with its decision rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelwright.kernel.digest import digest_of

if TYPE_CHECKING:  # named in signatures only; the record itself needs no numerics
    from modelwright.ledger.artifacts import ArtifactStore
    from modelwright.training.pipeline import Pipeline

__all__ = ["TrainedModel", "keep", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """The files of one pipeline.

    Examples:
        >>> TrainedModel(design="baseline", run_id="r", files={}).digest.startswith("sha256:")
        True
    """

    design: str
    """The design it was trained for."""
    run_id: str
    """The run that trained it."""
    files: Mapping[str, str]
    """File name to artifact digest."""

    @property
    def digest(self) -> str:
        """One digest over all files: what report, verdict and bundle mean by this pipeline."""
        return digest_of(self.files)


def keep(pipeline: "Pipeline", *, design: str, run_id: str, store: "ArtifactStore") -> TrainedModel:
    """Store a pipeline's files and return their record.

    Args:
        pipeline: The pipeline, decision rule included.
        design: The design it was trained for.
        run_id: The run that trained it.
        store: Where the files go.
    """
    files = {name: store.put(data) for name, data in pipeline.files().items()}
    return TrainedModel(design=design, run_id=run_id, files=files)


def restore(trained: TrainedModel, *, store: "ArtifactStore") -> "Pipeline":
    """Load a pipeline from its stored files, every digest checked.

    Args:
        trained: The record.
        store: Where the files lie.

    Raises:
        IntegrityBroken: When a file was changed or is missing.
    """
    from modelwright.training.pipeline import Pipeline

    return Pipeline.from_files({name: store.get(digest) for name, digest in trained.files.items()})
