"""Notifying: notices are carried beside the work, never in its way; what was not carried is on the record."""

from collections.abc import Sequence
from threading import Thread

from modelwright.authority.waiver import Waiver
from modelwright.kernel.digest import Json, digest_of
from modelwright.kernel.errors import ModelwrightError
from modelwright.ledger.entry import Entry
from modelwright.workflow.history import fold
from modelwright.workflow.notice import Notice, NoticeKind, Notifier
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import subject_artifacts

__all__ = ["notify", "notify_expired", "notify_waiting", "tell_people"]

PATIENCE = 6.0
"""Seconds a command waits for its notices at the most; whatever takes longer counts as not carried."""


def notify(ports: Ports, notice: Notice) -> None:
    """Carry a notice once, by every carrier there is, and write down by which it went.

    Nothing that goes wrong here stops what was going on: a failure is an entry of the ledger.

    Args:
        ports: The outside world.
        notice: What people are told.
    """
    carriers = ports.notifiers()
    if not carriers:
        return
    sent = ports.ledger.entries(kinds=["notice.sent"])
    before = {str(name) for entry in sent if entry.body.get("key") == notice.key for name in _carried(entry)}
    due = [carrier for carrier in carriers if carrier.name not in before]
    if not due:
        return
    results = _carry(due, notice)
    failed: dict[str, Json] = {name: why for name, why in results.items() if why}
    ports.ledger.append(
        "notice.sent",
        {
            "key": notice.key,
            "notice": notice.kind,
            "subject": notice.subject,
            "carried": [name for name, why in results.items() if not why],
            "failed": failed,
        },
        actor=ports.actor,
    )
    for name, why in failed.items():
        ports.progress.say(f"the {name} did not carry the notice about {notice.subject}: {why}")


def _carried(entry: Entry) -> Sequence[object]:
    carried = entry.body.get("carried")
    return carried if isinstance(carried, list | tuple) else ()


def _carry(carriers: Sequence[Notifier], notice: Notice) -> dict[str, str]:
    """Let every carrier try at once; return what went wrong by carrier, empty where nothing did."""
    results = {carrier.name: f"no answer within {PATIENCE:g} s" for carrier in carriers}

    def work(carrier: Notifier) -> None:
        try:
            carrier.send(notice)
            results[carrier.name] = ""
        except ModelwrightError as error:
            results[carrier.name] = error.what

    threads = [Thread(target=work, args=(carrier,), daemon=True) for carrier in carriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE / len(threads))
    return dict(results)


def tell_people(
    ports: Ports, kind: NoticeKind, *, subject: str, text: str, next_step: str, occasion: str
) -> None:
    """Make a notice about this project and carry it.

    Args:
        ports: The outside world.
        kind: What it is about.
        subject: The phase, version or finding.
        text: What has happened.
        next_step: What to do about it.
        occasion: What makes it this one and no other.
    """
    if not ports.notifiers():
        return
    history = fold(ports.ledger.entries(kinds=["project.started", "contract.read"]))
    said = history.contract or history.started
    notice = Notice(
        kind=kind,
        project=str(said.body["name"]) if said else "a project",
        subject=subject,
        text=text,
        next_step=next_step,
        at=ports.clock.now(),
        occasion=occasion,
    )
    notify(ports, notice)


def notify_waiting(ports: Ports, number: int, question: str) -> None:
    """Tell people once that a phase waits for an answer to what it shows now.

    Args:
        ports: The outside world.
        number: The phase.
        question: What it asks.
    """
    if not ports.notifiers():
        return
    shown = subject_artifacts(fold(ports.ledger.entries()), number)
    tell_people(
        ports,
        "approval requested",
        subject=f"phase:{number}",
        text=question.splitlines()[0] if question else "an answer is waited for",
        next_step=f"modelwright approve {number}",
        occasion=digest_of(shown),
    )


def notify_expired(ports: Ports, expired: Sequence[Waiver]) -> None:
    """Tell people once about each waiver that has expired.

    Args:
        ports: The outside world.
        expired: The waivers.
    """
    for waiver in expired:
        tell_people(
            ports,
            "waiver expired",
            subject=waiver.finding,
            text=f"the waiver by {waiver.actor.label} has expired; the finding blocks again",
            next_step=f'fix it, or: modelwright waive {waiver.finding} --reason "..." --until YYYY-MM-DD',
            occasion=f"{waiver.digest} {waiver.until.isoformat()}",
        )
