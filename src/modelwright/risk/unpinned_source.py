"""UNPINNED-SOURCE: a source whose content the contract does not pin."""

from collections.abc import Iterator

from modelwright.kernel.digest import short
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["UnpinnedSourceCheck"]


class UnpinnedSourceCheck:
    """Finds sources without an expected digest: the snapshot records what was read, the contract accepts any.

    Examples:
        >>> UnpinnedSourceCheck().category
        'reproducibility'
    """

    code = "UNPINNED-SOURCE"
    category: Category = "reproducibility"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a source without a digest."""
        for source in view.contract.data.sources:
            if source.digest is not None or source.as_of:
                continue
            read = view.snapshot.source_digests.get(source.name, "")
            yield raised(
                self,
                title=f"{source.name} is not pinned",
                severity=Severity.LOW,
                confidence=100,
                subject=source.name,
                evidence=(f"read with digest {short(read)}" if read else "no digest was recorded",),
                why="The source may change under the same name; only the snapshot then still holds what "
                "was trained on.",
                fix="Write the digest of what was read to `data.sources` of the contract, pin the version of "
                "a lake's table with `as_of`, or version the file.",
            )
