"""The sealed scorer: asks a process of its own, so that holdout labels never enter the caller's."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from modelwright.adapters.scorer_wire import pack_book_question, pack_question, unpack_book, unpack_reply
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import BookedLook, ScoreRequest
from modelwright.kernel.errors import ServiceFailed

__all__ = ["SealedScorer"]

PASSED_ON = ("LANG", "LC_ALL", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
"""Variables the process may see: nothing that could make Python load other code."""

LONGEST_SECONDS = 300.0
"""How long one scoring may take unless told otherwise."""


class SealedScorer:
    """Scores against sealed labels in a separate process with its own key folder and a bare environment.

    The process gets predictions by row id, opens the labels with a key the caller need not be able to
    read, counts the look, and answers with aggregates. It runs isolated: neither `PYTHONPATH` nor the
    current folder can put other code in its way.

    Args:
        home: The folder of keys and of the book of looks; outside the project.
        artifacts: The project's artifact store.
        variables: The environment to choose from.
        timeout: Seconds until the process is given up.
        python: The command that starts Python, such as one that runs it as another user, who alone can read
            the keys; this interpreter when not given.
        also: Names of further variables that it may see, such as those of a tool that measures it.

    Examples:
        >>> SealedScorer(
        ...     home=Path("keys"), artifacts=Path("artifacts"), variables={"LANG": "C", "X": "1"}
        ... ).variables
        {'LANG': 'C'}
    """

    def __init__(
        self,
        *,
        home: Path,
        artifacts: Path,
        variables: Mapping[str, str],
        timeout: float = LONGEST_SECONDS,
        python: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> None:
        """Keep where things lie."""
        self.home = home
        self.artifacts = artifacts
        self.variables = {
            name: value for name, value in variables.items() if name in PASSED_ON or name in also
        }
        self.timeout = timeout
        self.python = tuple(python) or (sys.executable,)

    def score(self, request: ScoreRequest) -> EvaluationReport:
        """Return the report of one model on the sealed test part.

        The same question gets the same answer and counts as one look. A question that is refused is none.

        Raises:
            DataInvalid: When row ids or scores do not fit the test part.
            LooksExhausted: When the contract's looks are used up.
            IntegrityBroken: When snapshot, labels or key are not what they must be.
            ServiceFailed: When the process fails or does not answer in time.
        """
        return unpack_reply(self._ask(lambda: pack_question(request)))

    def booked(self, seal_id: str) -> tuple[BookedLook, ...]:
        """Return the scorer's own book of looks at labels under one seal, oldest first.

        Raises:
            IntegrityBroken: When the book was changed.
            ServiceFailed: When the process fails or does not answer in time.
        """
        return unpack_book(self._ask(lambda: pack_book_question(seal_id)))

    def _ask(self, question: Callable[[], bytes]) -> bytes:
        command = [*self.python, "-I", "-m", "modelwright.adapters.scorer_process"]
        command += ["--home", str(self.home.absolute()), "--artifacts", str(self.artifacts.absolute())]
        try:
            with subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.variables,
                cwd=os.sep,
            ) as process:
                try:
                    # Packed while the process loads its libraries.
                    out, err = process.communicate(question(), timeout=self.timeout)
                finally:
                    # Nothing to do when it has answered; whatever else went wrong, it must not go on.
                    process.kill()
        except subprocess.TimeoutExpired as error:
            raise ServiceFailed(
                f"the scoring process did not answer within {self.timeout:g} seconds",
                why="without a report nothing can be judged",
                next_step="run the phase again; asking the same question twice is one look",
            ) from error
        except OSError as error:
            raise ServiceFailed(
                f"the scoring process cannot be started: {error.strerror or error}",
                why="without a report nothing can be judged",
                next_step="check memory and process limits, and run the phase again",
            ) from error
        if process.returncode != 0:
            raise ServiceFailed(
                "the scoring process stopped",
                why="without a report nothing can be judged",
                next_step="run the phase again; if it stops again, please report it",
                found=_last_words(process.returncode, err),
            )
        return out


def _last_words(code: int, stderr: bytes) -> str:
    """Say how the process ended; of its error only the kind, because a message could quote labels."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    kind = lines[-1].partition(":")[0].strip() if lines else ""
    ended = f"exit {code}" if code > 0 else f"signal {-code}"
    return f"{ended}: {kind}" if kind else ended
