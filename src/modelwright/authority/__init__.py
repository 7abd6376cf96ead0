"""Authority: who may decide what."""

from modelwright.authority.actor import Actor, ActorKind

__all__ = ["Actor", "ActorKind"]
