"""Answering: from decoded rows to an envelope, with routing, checks, deadline, log, counts and metrics."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from modelwright.features.store import FeatureStore
from modelwright.features.transform import Matrix
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import PhaseLocked, StorageFailed, UnknownName
from modelwright.serving.completion import Completed, RowCompleter
from modelwright.serving.engine import Engine, Row
from modelwright.serving.entity import EntityHash
from modelwright.serving.envelope import Envelope, Prediction
from modelwright.serving.log import LogLine, PredictionLog
from modelwright.serving.metrics import ServerMetrics
from modelwright.serving.problem import RequestRefused, rows_refused
from modelwright.serving.router import Arm
from modelwright.serving.sketch import SketchWriter
from modelwright.serving.switchboard import Switchboard

__all__ = ["Answering", "Asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as far as answering needs to know it.

    Examples:
        >>> Asked(request_id="r1", began=0.0).version
        ''
    """

    request_id: str
    """Names the request."""
    began: float
    """When it had arrived, by the performance counter."""
    version: str = ""
    """The version a tester asked for; empty for whom the routing says."""


class Answering:
    """Answers requests that were already decoded.

    Args:
        board: Who answers whom.
        log: Where answers are written before they leave; None when the contract switches the audit off.
        sketches: Where inputs are counted.
        metrics: Where answers are counted.
        entities: Hashes what names an entity.
        clock: Tells the time for the log.
        pool: Scores requests with many rows beside the event loop.
        inline_rows: Requests with more rows go there.
        timeout_ms: After this time the fallback answers; None takes it from the contract.
        features: Where features of feature tables are looked up; None when rows bring all of them.

    Examples:
        >>> Answering.__name__
        'Answering'
    """

    def __init__(  # noqa: PLR0913 - what answering stands on, each named at the call
        self,
        *,
        board: Switchboard,
        log: PredictionLog | None,
        sketches: SketchWriter,
        metrics: ServerMetrics,
        entities: EntityHash,
        clock: Clock,
        pool: Executor,
        inline_rows: int,
        timeout_ms: float | None,
        features: FeatureStore | None = None,
    ) -> None:
        """Keep the parts."""
        self._features = features
        self._completers: dict[str, RowCompleter] = {}
        self._board = board
        self._log = log
        self._sketches = sketches
        self._metrics = metrics
        self._entities = entities
        self._clock = clock
        self._pool = pool
        self._inline_rows = inline_rows
        self._timeout_ms = timeout_ms

    async def answer(self, rows: Sequence[object], asked: Asked) -> Envelope:
        """Return the answer to some rows; it is in the log when this returns.

        Raises:
            RequestRefused: When rows do not fit the contract, the version is not open to testers, or the log
                cannot be written.
        """
        entity = self._entity(rows)
        engine, arm = self._engine(asked, entity or asked.request_id)
        completed = await self._completed(engine, rows)
        rows = completed.rows
        faults = [fault for fault in engine.check(rows) if fault.row not in completed.lacking]
        at = self._clock.now()
        if faults:
            self._metrics.refused(422, faults=len(faults))
            refused = RequestRefused(422, "", "", "")
            refused.problem = rows_refused(faults, rows=len(rows))
            self.log_refusal(refused, asked, version=engine.version, arm=arm, at=at)
            raise refused
        # Checked rows are mappings; the check says so for each that is not.
        fitting = [row for row in rows if isinstance(row, Mapping)]
        x, predictions = await self._scored(engine, fitting, asked)
        for place, reason in completed.lacking.items():
            (predictions[place],) = engine.fall_back(1, reason)
        latency = perf_counter() - asked.began
        self._write(engine, arm, asked, fitting, predictions, at=at, entity=entity, latency=latency)
        self._metrics.answered(engine.version, arm, predictions, latency)
        if x is not None:
            self._sketches.add(engine.bundle, x, at)
        return Envelope(
            request_id=asked.request_id,
            model=engine.bundle.manifest.name,
            version=engine.version,
            contract=engine.contract_digest,
            predictions=predictions,
            latency_ms=round(latency * 1000, 3),
        )

    async def _completed(self, engine: Engine, rows: Sequence[object]) -> Completed:
        """Look up what rows leave to the online store; the store may be far, so not in the event loop."""
        if self._features is None or not engine.bundle.contract.data.feature_tables:
            return Completed(rows=rows)
        bundle = engine.bundle
        completer = self._completers.get(bundle.version)
        if completer is None:
            completer = RowCompleter(bundle.contract, bundle.pipeline.plan, self._features, clock=self._clock)
            self._completers[bundle.version] = completer
        return await asyncio.get_running_loop().run_in_executor(self._pool, completer.complete, rows)

    def _entity(self, rows: Sequence[object]) -> str | None:
        """Return the hash of the first row's entity: it decides who answers the whole request."""
        name = self._board.entity
        first = rows[0] if rows else None
        return self._entities.of(first.get(name)) if name is not None and isinstance(first, Mapping) else None

    def _engine(self, asked: Asked, key: str) -> tuple[Engine, Arm]:
        if not asked.version:
            return self._board.route(key)
        try:
            return self._board.forced(asked.version), "forced"
        except (UnknownName, PhaseLocked) as error:
            raise RequestRefused(
                404, "version-not-in-service", "Version not in service", " ".join(str(error).split())
            ) from error

    async def _scored(
        self, engine: Engine, rows: Sequence[Row], asked: Asked
    ) -> tuple[Matrix | None, list[Prediction]]:
        """Score within the deadline, else fall back; what was counted too late is thrown away."""
        limit = (self._timeout_ms or engine.timeout_ms) / 1000
        if perf_counter() - asked.began >= limit:
            return None, engine.fall_back(len(rows), "deadline")
        if len(rows) <= self._inline_rows:
            x = engine.matrix(rows)
            predictions = engine.answer(x)
        else:
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(self._pool, _work, engine, rows)
            try:
                x, predictions = await asyncio.wait_for(work, limit - (perf_counter() - asked.began))
            except TimeoutError:
                return None, engine.fall_back(len(rows), "deadline")
        if perf_counter() - asked.began >= limit:
            return x, engine.fall_back(len(rows), "deadline")
        return x, predictions

    def _write(
        self,
        engine: Engine,
        arm: Arm,
        asked: Asked,
        rows: Sequence[Row],
        predictions: Sequence[Prediction],
        *,
        at: datetime,
        entity: str | None,
        latency: float,
    ) -> None:
        if self._log is None:
            return
        name, allowed = self._board.entity, engine.logged_fields
        many = len(rows) > 1 and name is not None
        lines = [
            LogLine(
                request_id=asked.request_id,
                row=index,
                at=at,
                version=engine.version,
                arm=arm,
                latency_ms=round(latency * 1000, 3),
                prediction=prediction.prediction,
                scores=engine.scores_of(prediction),
                confidence=prediction.confidence,
                fallback=prediction.fallback,
                fallback_reason=prediction.fallback_reason,
                review=prediction.review,
                entity=self._entities.of(rows[index].get(name)) if many and name is not None else entity,
                fields=engine.fields(rows[index]) if allowed else None,
            )
            for index, prediction in enumerate(predictions)
        ]
        try:
            self._log.write(lines)
        except StorageFailed as error:
            self._metrics.refused(503)
            raise RequestRefused(
                503,
                "not-logged",
                "The answer cannot be logged",
                f"{error.what}. An answer that is not logged is not given; ask again later.",
                headers=((b"retry-after", b"5"),),
            ) from error

    def log_refusal(
        self,
        refused: RequestRefused,
        asked: Asked,
        *,
        version: str | None,
        arm: str,
        at: datetime | None = None,
    ) -> None:
        """Write down a request that was not answered, as far as the log can be written."""
        if self._log is None:
            return
        line = LogLine(
            request_id=asked.request_id,
            at=at or self._clock.now(),
            version=version,
            arm=arm,
            status=refused.problem.status,
            latency_ms=round((perf_counter() - asked.began) * 1000, 3),
            error=refused.problem.kind,
        )
        try:
            self._log.write([line])
        except StorageFailed:
            # The refusal itself is the answer, and it does not depend on the log.
            self._metrics.refused(503)


def _work(engine: Engine, rows: Sequence[Row]) -> tuple[Matrix, list[Prediction]]:
    x = engine.matrix(rows)
    return x, engine.answer(x)
