"""A fake model API for the tests, and for development: `python -m tests.support.model_api`."""

import argparse
import functools
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "key-of-the-tests"  # the key that requests must carry


def completion(**changes: Any) -> dict[str, Any]:
    """Return the API's usual response with these members changed."""
    message = {"role": "assistant", "content": "Ahoy!"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "a-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        **changes,
    }


class Handler(BaseHTTPRequestHandler):
    """Handles one request; a test can choose the response."""

    server: "_Server"

    def do_POST(self) -> None:
        self.sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.api.asked.append(self)
        answers = self.server.api.answers
        try:
            (answers.popleft() if answers else self.server.api.usual)(self)
        except OSError:
            self.close_connection = True  # the client has disconnected

    def do_GET(self) -> None:
        """Send the list of models to clients that have the key."""
        has_key = self.headers["Authorization"] == f"Bearer {self.server.api.key}"
        known = self.path == "/v1/models"
        self.reply(b'{"data": []}', 404 if not known else 200 if has_key else 401)

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Send a complete response."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


Behaviour = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    api: "ModelAPI"

    def handle_error(self, *_: Any) -> None:
        """Log nothing: the client has disconnected."""


def good(handler: Handler) -> None:
    """Respond as a working API does."""
    asked = json.loads(handler.sent)
    if handler.path != "/v1/chat/completions" or not asked["model"]:
        return handler.reply(b"{}", 404)
    if handler.headers["Authorization"] != f"Bearer {handler.server.api.key}":
        return handler.reply(b'{"error": "key"}', 401)
    handler.reply(json.dumps(completion(model=asked["model"])).encode())


class ModelAPI:
    """The API, served until the process ends; it uses up `answers`, then responds with `usual`."""

    def __init__(self, port: int = 0, key: str = KEY) -> None:
        self.key = key
        self.asked: list[Handler] = []
        self.answers: deque[Behaviour] = deque()
        self.usual: Behaviour = good
        self.server = _Server(("127.0.0.1", port), Handler)
        self.server.api = self
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a service that calls this API."""
        return {
            "openai_base_url": f"http://127.0.0.1:{self.server.server_port}/v1",
            "openai_api_key": self.key,
            "openai_private_networks": ["127.0.0.0/8"],
        }

    def stop(self) -> None:
        """Stop serving the API."""
        self.server.shutdown()
        self.server.server_close()


@functools.cache
def shared_api() -> ModelAPI:
    """Return the API that the tests of this process share."""
    return ModelAPI()


@contextmanager
def running_model_api() -> Iterator[ModelAPI]:
    """Run an API for one test."""
    api = ModelAPI()
    yield api
    api.stop()


def main() -> None:
    """Run the model API that `.env` names."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.model_api", description=main.__doc__
    )
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--key", default="local", help="OPENAI_API_KEY of the service")
    told = parser.parse_args()
    api = ModelAPI(told.port, told.key)
    for name, value in api.settings.items():
        text = value if isinstance(value, str) else ",".join(value)
        print(f"{name.upper()}={text}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("Stopped.")


if __name__ == "__main__":
    main()
