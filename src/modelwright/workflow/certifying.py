"""Certifying: a bundle is asked in every way production will ask it, and compared with the trainer."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from modelwright.registry.bundle import Bundle
from modelwright.registry.certificate import Certificate, certify
from modelwright.registry.hard_rows import hard_rows, plain_rows
from modelwright.serving.batch import BatchPath
from modelwright.serving.process import rehearsal
from modelwright.workflow.scratch import scratch_folder
from modelwright.workflow.trained import TrainedModel, restore

if TYPE_CHECKING:  # only named in signatures
    from collections.abc import Iterator
    from datetime import datetime

    import polars as pl

    from modelwright.workflow.ports import Ports

__all__ = ["certify_bundle", "served"]

REAL_ROWS = 60
"""Rows of the training part that are asked beside the hard ones."""


@contextmanager
def served(bundle: Bundle, ports: "Ports", *, until: "datetime | None" = None) -> "Iterator[str]":
    """Serve one bundle alone, on loopback and out of a scratch folder, and give its address.

    A bundle without a passed verdict is packed as a drill and answers only so.

    Args:
        bundle: The bundle.
        ports: The outside world.
        until: Until when one without a passed verdict may answer all the same, for its certificate.
    """
    with (
        scratch_folder(ports.project) as folder,
        rehearsal(bundle, folder=folder, program=ports.server_program, until=until) as server,
    ):
        yield server.url


def certify_bundle(
    ports: "Ports", bundle: Bundle, trained: TrainedModel, *, train: "pl.DataFrame", url: str
) -> Certificate:
    """Ask hard and real rows in every way and compare with the pipeline as it was trained.

    Args:
        ports: The outside world.
        bundle: The bundle.
        trained: The pipeline it was packed from.
        train: The training part, for the real rows.
        url: Where the bundle is served.
    """
    pipeline = restore(trained, store=ports.store)
    rows = [
        *hard_rows(bundle.contract, pipeline.plan, train.head(REAL_ROWS)),
        *plain_rows(train.head(REAL_ROWS), pipeline.plan),
    ]
    with scratch_folder(ports.project) as folder:
        return certify(
            pipeline,
            bundle.path,
            rows=rows,
            server_url=url,
            batch=BatchPath(bundle.path, folder=folder),
        )
