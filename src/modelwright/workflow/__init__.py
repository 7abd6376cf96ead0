"""Workflow: the twelve phases, answered by people, behind one door for every surface."""

from modelwright.workflow.modes import MODES, Mode, mode_of
from modelwright.workflow.phases import PHASES, Phase, announcement, phase_of
from modelwright.workflow.service import Service

__all__ = ["MODES", "PHASES", "Mode", "Phase", "Service", "announcement", "mode_of", "phase_of"]
