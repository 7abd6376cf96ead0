"""The bare server: raw ASGI on uvicorn with the model inline, to hold the real one against.

It decodes, scores and encodes. It checks nothing, logs nothing, counts nothing, knows no version, timeout
or fallback, and trusts whoever asks. Run as `python -m benchmarks.bare_server BUNDLE STATE`, where the
address is written once it listens.
"""

import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import uvicorn

from modelwright.registry.bundle import load

Message = dict[str, object]


class Asked(msgspec.Struct):
    """A request."""

    rows: list[dict[str, object]]


def main(bundle: Path, state: Path) -> None:
    """Serve one bundle on a free port of loopback until stopped.

    Args:
        bundle: What answers.
        state: Where the address goes.
    """
    pipeline = load(bundle).pipeline
    classes = pipeline.target.classes
    decoder, encoder = msgspec.json.Decoder(Asked), msgspec.json.Encoder()

    async def application(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http":
            return
        message = await receive()
        body = message["body"]
        assert isinstance(body, bytes)
        scores = pipeline.scores_of_row(decoder.decode(body).rows[0])
        answer = {
            "prediction": pipeline.decide(scores)[0],
            "probabilities": dict(zip(classes, scores[0].tolist(), strict=True)),
        }
        data = encoder.encode(answer)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False
    )
    state.write_text(f"http://127.0.0.1:{listener.getsockname()[1]}", encoding="utf-8")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
