"""Modelwright: from a table and a decision to a monitored production model, with evidence.

```python
import modelwright as mw

project = mw.open_project("calls")
project.init("calls", data=Path("bank_marketing.parquet"), target="y")
project.run()
```

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

import importlib
import typing

from modelwright._version import __version__

if typing.TYPE_CHECKING:
    from modelwright.contracts.contract import Contract
    from modelwright.contracts.reading import read_contract
    from modelwright.data.profile import profile
    from modelwright.data.source import read_table
    from modelwright.kernel.errors import ModelwrightError
    from modelwright.kernel.finding import Finding
    from modelwright.kernel.outcome import Outcome, Status
    from modelwright.registry.bundle import Bundle
    from modelwright.registry.bundle import load as load_bundle
    from modelwright.review.review import review
    from modelwright.wiring import open_project
    from modelwright.workflow.service import Service

__all__ = [
    "Bundle",
    "Contract",
    "Finding",
    "ModelwrightError",
    "Outcome",
    "Service",
    "Status",
    "__version__",
    "load_bundle",
    "open_project",
    "profile",
    "read_contract",
    "read_table",
    "review",
]

_PLACES = {
    "Bundle": "modelwright.registry.bundle:Bundle",
    "Contract": "modelwright.contracts.contract:Contract",
    "Finding": "modelwright.kernel.finding:Finding",
    "ModelwrightError": "modelwright.kernel.errors:ModelwrightError",
    "Outcome": "modelwright.kernel.outcome:Outcome",
    "Service": "modelwright.workflow.service:Service",
    "Status": "modelwright.kernel.outcome:Status",
    "load_bundle": "modelwright.registry.bundle:load",
    "open_project": "modelwright.wiring:open_project",
    "profile": "modelwright.data.profile:profile",
    "read_contract": "modelwright.contracts.reading:read_contract",
    "read_table": "modelwright.data.source:read_table",
    "review": "modelwright.review.review:review",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _PLACES:
        message = f"module 'modelwright' has no attribute '{name}'"
        raise AttributeError(message)
    module, _, attribute = _PLACES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
