"""Roles: twelve experts behind typed reports, in plain code."""

from modelwright.roles.data_scientist import EvaluationDesign, FactCheck
from modelwright.roles.exploration import ExplorationReport, KeyFile
from modelwright.roles.ml_writer import WrittenFiles
from modelwright.roles.mlops_engineer import PipelineDesign
from modelwright.roles.panel import Panel, call_all
from modelwright.roles.role import ROLES, Role, role_of

__all__ = [
    "ROLES",
    "EvaluationDesign",
    "ExplorationReport",
    "FactCheck",
    "KeyFile",
    "Panel",
    "PipelineDesign",
    "Role",
    "WrittenFiles",
    "call_all",
    "role_of",
]
