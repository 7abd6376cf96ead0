"""Registry: the bundle and its proof, and the versions with their standing."""

from modelwright.registry.manifest import FileEntry, Manifest
from modelwright.registry.reference import FeatureSketch, ReferenceProfile, bin_of
from modelwright.registry.versions import (
    Standing,
    Version,
    certified,
    champion,
    promotable,
    promote,
    read_roster,
    register,
    retire,
    version_of,
    versions,
    write_roster,
)

__all__ = [
    "FeatureSketch",
    "FileEntry",
    "Manifest",
    "ReferenceProfile",
    "Standing",
    "Version",
    "bin_of",
    "certified",
    "champion",
    "promotable",
    "promote",
    "read_roster",
    "register",
    "retire",
    "version_of",
    "versions",
    "write_roster",
]
