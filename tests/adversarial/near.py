"""The scorer's own code in this process, for attacks whose outcome does not depend on where it runs."""

from dataclasses import replace

from modelwright.adapters.scorer_process import answer
from modelwright.adapters.scorer_wire import pack_book_question, pack_question, unpack_book, unpack_reply


class NearScorer:
    """Answers like the scoring process, without the second it takes to start one."""

    def __init__(self, ports):
        """Keep where keys and artifacts lie."""
        root = ports.project.root
        self._around = {
            "home": root.parent / "home",
            "artifacts": ports.project.artifacts,
            "clock": ports.clock,
        }

    def score(self, request):
        """Score a request."""
        return unpack_reply(answer(pack_question(request), **self._around))

    def booked(self, seal_id):
        """Read the scorer's own book."""
        return unpack_book(answer(pack_book_question(seal_id), **self._around))


def near(service):
    """The project, with the scorer near."""
    scorer = NearScorer(service.ports)
    return replace(service, ports=replace(service.ports, scorer=lambda: scorer))
