"""The desk of consent: what people let through, ask for and answer for, as every surface offers it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.ledger.entry import Entry
from modelwright.workflow.outward import demand_free
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # records that are loaded by the methods that return them
    from collections.abc import Mapping

    from modelwright.workflow.follow_up import FollowUp
    from modelwright.workflow.requests import ApprovalRequest, RequestLine
    from modelwright.workflow.waiving import WaiverLine

__all__ = ["ConsentDesk"]


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Waivers, the glass and its follow-ups, requests for approval.

    Examples:
        >>> "waive" in dir(ConsentDesk)
        True
    """

    ports: Ports
    """The outside world."""

    def waive(self, finding: str, *, reason: str, until: str = "") -> Entry:
        """Let a finding that blocks stand until a day."""
        from modelwright.workflow.waiving import give_waiver

        return give_waiver(self.ports, finding, reason=reason, until=until)

    def revoke_waiver(self, finding: str, *, reason: str) -> Entry:
        """Take a waiver back."""
        from modelwright.workflow.waiving import revoke_waiver

        return revoke_waiver(self.ports, finding, reason=reason)

    def retire(self, version: str, *, reason: str, end_of_life: bool = False) -> Entry:
        """Take a version out of use for good."""
        from modelwright.workflow.retiring import retire_version

        return retire_version(self.ports, version, reason=reason, end_of_life=end_of_life)

    def waivers(self) -> "tuple[WaiverLine, ...]":
        """Return every waiver and what has become of it."""
        from modelwright.workflow.waiving import waiver_lines

        return waiver_lines(self.ports)

    def break_glass(self, version: str, *, reason: str, length: timedelta, at_once: bool = False) -> Entry:
        """Let a version out for a time, although something is missing."""
        from modelwright.workflow.glass import break_glass

        return break_glass(self.ports, version, reason=reason, length=length, at_once=at_once)

    def follow_ups(self) -> "tuple[FollowUp, ...]":
        """Return what broken glasses left behind, open or answered."""
        from modelwright.workflow.follow_up import follow_ups

        return follow_ups(self.ports.ledger.entries())

    def close_follow_up(self, name: str, *, reason: str) -> Entry:
        """Answer a follow-up; without a name the only one that is open."""
        from modelwright.workflow.follow_up import close_follow_up

        return close_follow_up(self.ports, name, reason=reason)

    def requests(self) -> "tuple[RequestLine, ...]":
        """Return what waits for an answer, asked for or not."""
        from modelwright.workflow.requests import request_lines

        return request_lines(self.ports)

    def request(self, subject: str, *, length: timedelta | None = None) -> Entry:
        """Ask people for an approval; without an answer in time it is denied."""
        from modelwright.workflow.requests import request_approval

        return request_approval(self.ports, subject, length=length)

    def export_request(self, subject: str, to: Path) -> "ApprovalRequest":
        """Write a request into a file, for somebody who answers elsewhere."""
        from modelwright.workflow.answer_file import export_request

        demand_free(self.ports, to)
        return export_request(self.ports, subject, to)

    def answer_request(
        self,
        request: Path,
        to: Path,
        *,
        decision: str,
        reason: str,
        choices: "Mapping[str, str] | None" = None,
    ) -> "ApprovalRequest":
        """Answer a request from a file, signed, without the project."""
        from modelwright.workflow.answer_file import answer_request

        demand_free(self.ports, to)
        return answer_request(
            self.ports, request, to, decision=decision, reason=reason, choices=choices or {}
        )

    def import_answer(self, answer: Path) -> Entry:
        """Take an answer from a file into the ledger, when it counts."""
        from modelwright.workflow.answer_file import import_answer

        return import_answer(self.ports, answer)
