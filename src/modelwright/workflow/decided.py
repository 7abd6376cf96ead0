"""Decided: every move of a version towards the clients, judged again by the answers that stood then.

An entry is a claim: whoever can write the ledger can write that a version is the champion. What counts is
whether the people whom the policy asks had allowed it when it was written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from modelwright.authority.actor import Actor
from modelwright.authority.approval import check_approvals
from modelwright.authority.override import check_overrides
from modelwright.kernel.digest import digest_of
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Entry
from modelwright.registry.version import Version
from modelwright.registry.versions import promotable
from modelwright.workflow.allowance import TRAINED, shown_of
from modelwright.workflow.history import History
from modelwright.workflow.overriding import overrides_of, said_no
from modelwright.workflow.survey import given_of

__all__ = ["decided"]

MOVES = ("version.promoted", "rollout.started", "rollout.advanced", "rollout.completed")
"""Entries by which a version comes before more clients."""


def decided(history: History, entries: Sequence[Entry], versions: Iterable[Version]) -> Iterator[Outcome]:
    """Say whether everything that moved was decided by people who may, when it moved.

    Args:
        history: What the ledger tells.
        entries: Its entries, in order.
        versions: The versions there are.

    Yields:
        Whether all entries about people and contracts count; and whether each move was allowed.
    """
    yield Outcome(
        status=Status.FAILED if history.uncounted else Status.PASSED,
        what="every entry about people and contracts counts",
        evidence=history.uncounted or history.trust.told() or ("no identity is enrolled",),
        next_step="somebody wrote what nobody may: find out who, and look at what came after"
        if history.uncounted
        else "",
    )
    moves = _Moves(history, entries, {version.version: version for version in versions})
    for entry in entries:
        outcome = moves.read(entry)
        if outcome is not None:
            yield outcome


class _Moves:
    """Reads the moves of a ledger in order, and remembers who answered for the clients."""

    def __init__(self, history: History, entries: Sequence[Entry], versions: Mapping[str, Version]) -> None:
        """Start before the first entry."""
        self._history = history
        self._entries = entries
        self._versions = versions
        self._author: Actor | None = None
        self._champions: list[str] = []
        self._begun: set[str] = set()

    def read(self, entry: Entry) -> Outcome | None:
        """Judge the next entry; None when it moves nothing."""
        if entry.kind == "phase.completed" and int(str(entry.body["phase"])) == TRAINED:
            self._author = entry.actor
        if entry.kind not in MOVES or entry.body.get("drill") is True:
            return None
        name = str(entry.body.get("version") or entry.body.get("challenger") or "")
        if entry.kind == "version.promoted" and self._champions[-2:-1] == [name]:
            # Back to the champion before: the brake asks nobody, and is pulled once.
            self._champions.pop()
            return None
        version = self._versions.get(name)
        outcome = (
            self._outcome(entry, Status.FAILED, ("it names a version that was never registered",))
            if version is None
            else self._moved(entry, version)
        )
        if outcome.allows and entry.kind == "rollout.started":
            self._begun.add(str(entry.body.get("rollout")))
        if entry.kind in {"version.promoted", "rollout.completed"} and self._champions[-1:] != [name]:
            self._champions.append(name)
        return outcome

    def _outcome(self, entry: Entry, status: Status, evidence: tuple[str, ...]) -> Outcome:
        return Outcome(
            status=status,
            what=f"entry {entry.sequence} ({entry.kind}) was allowed",
            evidence=evidence,
            next_step=""
            if status is Status.PASSED
            else "do not serve it: modelwright rollout back --reason ..., and find out who wrote the entry",
        )

    def _moved(self, entry: Entry, version: Version) -> Outcome:
        """Judge one move by the answers and broken glasses that stood before it."""
        override = self._override(entry, version)
        if entry.kind in {"version.promoted", "rollout.started"}:
            approval = self._approved(entry, version, f"promotion:{version.version}", shown_of(version))
            drill = version.standing == "drill"
            then = version if drill else replace(version, standing="registered")
            said = promotable(then, approval=approval, override=override)
            return self._outcome(entry, said.status, said.evidence)
        rollout = str(entry.body.get("rollout"))
        if rollout not in self._begun:
            return self._outcome(entry, Status.FAILED, ("the rollout never began as it must",))
        policy = self._history.policy_of(version.contract_digest)
        if not policy.asks_beyond_first_step or (override is not None and override.allows):
            return self._outcome(entry, Status.PASSED, ("the rollout was allowed when it began",))
        shown = {
            **shown_of(version),
            "rollout": digest_of([rollout, entry.body.get("champion"), version.version]),
        }
        said = self._approved(entry, version, f"rollout:{version.version}", shown)
        return self._outcome(entry, said.status, said.evidence)

    def _approved(self, entry: Entry, version: Version, subject: str, shown: Mapping[str, str]) -> Outcome:
        given = given_of(self._history, subject)
        return check_approvals(
            [answer for answer in given if answer.sequence < entry.sequence],
            subject=subject,
            artifacts=shown,
            contract_digest=version.contract_digest,
            now=entry.at,
            policy=self._history.policy_of(version.contract_digest),
            author=self._author,
            trust=self._history.trust,
        )

    def _override(self, entry: Entry, version: Version) -> Outcome | None:
        """Say whether a broken glass covered the move; None when nobody broke one, or somebody said no."""
        before = [item for item in self._entries if item.sequence < entry.sequence]
        broken = [
            item for item in overrides_of(before, history=self._history) if item.version == version.version
        ]
        if not broken or said_no(self._history, version):
            return None
        return check_overrides(
            broken,
            version=version.version,
            artifacts=shown_of(version),
            contract_digest=version.contract_digest,
            now=entry.at,
            policy=self._history.policy_of(version.contract_digest),
        )
