"""What traffic goes back to: artifact, configuration and data dependency by digest, and the switch."""

from dataclasses import dataclass

from modelwright.kernel.digest import Json
from modelwright.registry.manifest import Manifest
from modelwright.registry.versions import Version

__all__ = ["RollbackTarget"]

SWITCH = "the routing file is replaced as a whole; servers follow within their polling interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackTarget:
    """Everything a rollback needs, named before it is needed: no retraining, no rebuilding.

    Examples:
        >>> RollbackTarget(
        ...     version="v1",
        ...     bundle_digest="sha256:0",
        ...     config_digest="sha256:1",
        ...     pipeline_digest="sha256:2",
        ...     run_id="r1",
        ...     data_dependency="sha256:3",
        ... ).version
        'v1'
    """

    version: str
    """The version that answers again."""
    bundle_digest: str
    """Its artifact."""
    config_digest: str
    """The contract it was made and judged under."""
    pipeline_digest: str
    """Its model with preprocessing, calibration and decision rule."""
    run_id: str
    """The run that made it."""
    data_dependency: str
    """The snapshot it was trained on; its reference profile is what traffic is compared with."""
    traffic_switch: str = SWITCH
    """How the traffic moves."""

    @classmethod
    def of(cls, version: Version, manifest: Manifest) -> "RollbackTarget":
        """Name the target from a version and its bundle's manifest."""
        return cls(
            version=version.version,
            bundle_digest=version.bundle_digest,
            config_digest=manifest.contract_digest,
            pipeline_digest=manifest.pipeline_digest,
            run_id=manifest.run_id,
            data_dependency=manifest.snapshot_digest,
        )

    def body(self) -> dict[str, Json]:
        """Return the target as it stands in the ledger."""
        return {name: getattr(self, name) for name in self.__slots__}
