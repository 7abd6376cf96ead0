"""The desk of people: keys that decisions are signed with, as every surface offers them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modelwright.kernel.digest import Json
from modelwright.ledger.entry import Entry
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # records that are loaded by the methods that return them
    from modelwright.authority.identity import Identity
    from modelwright.workflow.identities import IdentityList

__all__ = ["PeopleDesk"]


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """Make, list, hand on, enrol and revoke identities.

    Examples:
        >>> "enrol" in dir(PeopleDesk)
        True
    """

    ports: Ports
    """The outside world."""

    def create(self, name: str, *, roles: tuple[str, ...] = (), agent: bool = False) -> "Identity":
        """Make an identity on this machine, under a passphrase that is asked for."""
        from modelwright.workflow.identities import create_identity

        return create_identity(self.ports, name, roles=roles, agent=agent)

    def listing(self) -> "IdentityList":
        """Return who is known in this project and on this machine."""
        from modelwright.workflow.identities import identity_list

        return identity_list(self.ports)

    def export(self, name: str) -> Mapping[str, Json]:
        """Return the public part of an identity, signed by itself."""
        from modelwright.workflow.identities import export_card

        return export_card(self.ports, name).to_json()

    def enrol(self, card: bytes, *, reason: str) -> Entry:
        """Vouch for somebody's public part."""
        from modelwright.authority.envelope import Envelope
        from modelwright.workflow.identities import enrol

        return enrol(self.ports, Envelope.from_json(card), reason=reason)

    def revoke(self, name: str, *, reason: str, compromised_since: datetime | None = None) -> Entry:
        """Say that a key no longer counts."""
        from modelwright.workflow.identities import revoke

        return revoke(self.ports, name, reason=reason, compromised_since=compromised_since)
