"""A whole life as a process: from the drafted contract to the champion, with people answering in between.

Run as `python -m tests.crash.life ROOT`; killed and started again, it goes on.
"""

import sys
from pathlib import Path

from tests.crash.stages import STAGES, reopened, walk


def main() -> None:
    """Walk to the end and promote."""
    service = reopened(Path(sys.argv[1]))
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    walk(service, until=12)
    STAGES["promotion"].finish(service)


if __name__ == "__main__":
    main()
