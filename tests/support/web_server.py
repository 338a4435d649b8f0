"""Small web servers whose answers a test scripts: what real Gradio servers don't do on demand.

Rule: a script that waits is woken by the test and never by the clock; what it waits for at most is
there so that a test that fails ends.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import socketserver
import ssl
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import pytest

from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message
    from types import TracebackType

    from typing_extensions import Self

# What `requests` and its like read; a developer's own settings must not decide over a test.
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

CA = Path(__file__).resolve().parents[1] / "data" / "tls" / "ca.pem"
"""The authority that signed the certificate of `Web(tls=True)`: localhost, 127.0.0.1, app.test."""

PATIENCE = 20
"""The seconds after which a script gives up waiting for a test that has failed."""


@dataclass(frozen=True)
class Reply:
    """A complete answer; ``closes`` says that the connection ends behind it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    closes: bool = False


def reply_json(value: Any, status: int = 200, **headers: str) -> Reply:
    """Return an answer of JSON."""
    body = json.dumps(value).encode()
    return Reply(status, body, {"Content-Type": "application/json", **headers})


def redirect(location: str, status: int = 302) -> Reply:
    """Return an answer that leads elsewhere."""
    return Reply(status, headers={"Location": location})


@dataclass
class Request:
    """A request that came.

    Attributes:
        connection: The number of the connection that it came over, from 1.
        method: Its method.
        target: What its first line asked for: a path, or a URL where the server is a proxy.
        headers: Its headers.
        body: Its body, as far as it was read.
        size: The number of bytes that were read of it.
    """

    connection: int
    method: str
    target: str
    headers: Message
    body: bytes = b""
    size: int = 0

    @property
    def path(self) -> str:
        """The path without a query."""
        return urlsplit(self.target).path


class Exchange(BaseHTTPRequestHandler):
    """One connection, and the request that it is at; what a script gets."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    request_seen: Request

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.number = self.server.web.begin(self.connection)

    def finish(self) -> None:
        """Take note that the connection has ended."""
        with contextlib.suppress(OSError):
            super().finish()
        self.server.web.end(self.connection)

    def receive(self) -> bytes:
        """Read the body."""
        seen, keep = self.request_seen, self.server.web.keep
        left = int(self.headers.get("Content-Length") or 0)
        pieces = []
        while left and (piece := self.rfile.read1(min(left, 1 << 20))):
            left -= len(piece)
            seen.size += len(piece)
            if keep:
                pieces.append(piece)
        seen.body = b"".join(pieces)
        return seen.body

    def start(self, status: int = 200, **headers: str) -> None:
        """Begin an answer that comes in chunks."""
        self.send_response(status)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def chunk(self, content: bytes) -> None:
        """Send a chunk; an empty one is the end."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))

    def drop(self) -> None:
        """Break the connection."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, reply: Reply) -> None:
        """Send a complete answer."""
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = self.close_connection or reply.closes

    def serve(self) -> None:
        """Answer as the test says."""
        self.request_seen = Request(self.number, self.command, self.path, self.headers)
        script = self.server.web.note(self.request_seen)
        if isinstance(script, Reply):
            self.receive()
            self.answer(script)
        else:
            script(self)

    do_GET = do_POST = do_DELETE = serve  # noqa: N815 - the base class's names
    do_HEAD = do_OPTIONS = do_PUT = do_PATCH = serve  # noqa: N815 - the same

    def do_CONNECT(self) -> None:
        """Be a tunnel, to where the test says that the host is."""
        self.server.web.note(Request(self.number, "CONNECT", self.path, self.headers))
        self.close_connection = True
        if self.path not in self.server.web.tunnels:
            self.answer(Reply(403))
            return
        with socket.create_connection(self.server.web.tunnels[self.path]) as far:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: far, far: self.connection}
            while True:
                ready, _, _ = select.select(list(ends), [], [])
                for end in ready:
                    content = end.recv(1 << 16)
                    if not content:
                        return
                    ends[end].sendall(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


Script: TypeAlias = "Reply | Callable[[Exchange], None]"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, web: Web, host: str, context: ssl.SSLContext | None) -> None:
        self.web = web
        super().__init__((host, 0), Exchange)
        if context is not None:
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def server_bind(self) -> None:
        # Not that of the base class, which asks the network for a name.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request, client_address
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):  # clients go when they like
            self.web.failures.append(error)


class Web:
    """A server on a free port; a context manager, which stops it.

    Args:
        tls: Whether it speaks https, with a certificate of `CA`.
        host: The address of this machine at which it listens.

    Attributes:
        requests: What came, in order.
        connections: How many connections there have been.
        keep: Whether to keep bodies in ``requests``.
        tunnels: Where the hosts are that it is asked to be a tunnel to (``host:port``).
        failures: What went wrong in scripts.
        otherwise: What to answer at every other path.
        told: What scripts can wait for that end when the test says so.
    """

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.keep = True
        self.tunnels: dict[str, tuple[str, int]] = {}
        self.failures: list[BaseException | None] = []
        self.otherwise: Script = Reply(404)
        self.told = threading.Event()
        self._scripts: defaultdict[str, list[Script]] = defaultdict(list)
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CA.with_name("server.pem"))
        self._server = _Server(self, host, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.port = self._server.server_port
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"

    def on(self, path: str, *scripts: Script) -> None:
        """Say what to answer at a path: one script for each request, the last one for the rest.

        A path of the same name at another host, where this is a proxy, is a URL.
        """
        self._scripts[path] = list(scripts)

    def script(self, path: str) -> Script:
        """Return what is answered next at a path."""
        return self._scripts[path][0]

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; it is asked when a request comes or a connection ends."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE)

    def begin(self, connection: socket.socket) -> int:
        """Take note of a connection; return its number."""
        with self._changed:
            self.connections += 1
            self._open.add(connection)
            self._changed.notify_all()
            return self.connections

    def end(self, connection: socket.socket) -> None:
        """Take note that a connection has ended."""
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    @property
    def open_connections(self) -> int:
        """How many connections there are."""
        return len(self._open)

    def note(self, request: Request) -> Script:
        """Take note of a request; return what to answer."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            scripts = self._scripts.get(request.target) or self._scripts.get(request.path)
            if not scripts:
                return self.otherwise
            return scripts.pop(0) if len(scripts) > 1 else scripts[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        assert not self.failures


def hang_up(exchange: Exchange) -> None:
    """Read the request and end the connection without an answer: a script."""
    exchange.receive()
    exchange.drop()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Give a server, in an environment without proxies."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in BUNDLE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with Web() as server:
        yield server


TEXT_SCHEMA = {"type": "string"}
FILE_SCHEMA = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": {"type": "string"}, "meta": {"type": "object"}},
}


def serve_app(web: Web, *names: str, **config: Any) -> None:
    """Let a server describe itself as an app of Gradio 5.

    Args:
        web: The server.
        *names: The names of its endpoints, each of which takes a text and returns one.
        **config: More of its description.
    """
    box = {"type": "textbox", "props": {"label": "Text", "name": "textbox"}}
    part = {"label": "Text", "component": "Textbox", "type": TEXT_SCHEMA}
    described = {
        "version": "5.50.0",
        "protocol": "sse_v3",
        "api_prefix": "/gradio_api",
        "app_id": 1,
        "components": [{"id": 1, **box}, {"id": 2, **box}],
        "dependencies": [
            {"id": number, "api_name": name, "inputs": [1], "outputs": [2], "backend_fn": True}
            for number, name in enumerate(names)
        ],
        **config,
    }
    info = {
        "named_endpoints": {
            f"/{name}": {"parameters": [{**part, "parameter_name": "text"}], "returns": [part]}
            for name in names
        },
        "unnamed_endpoints": {},
    }
    web.on("/config", reply_json(described))
    web.on("/gradio_api/info", reply_json(info))
    web.on("/gradio_api/app_id", reply_json({"app_id": described["app_id"]}))


def transport_to(web: Web | str, access: Access | None = None) -> Transport:
    """Return a transport to a server, or to an address."""
    address = parse_address(web if isinstance(web, str) else web.url)
    return Transport(address, access or Access())


def serve_calls(web: Web) -> None:
    """Let an app that `serve_app` described answer calls, one at a time, with what they are given.

    Args:
        web: The server.
    """
    given: list[Any] = []

    def join(exchange: Exchange) -> None:
        given[:] = json.loads(exchange.receive())["data"]
        exchange.answer(reply_json({"event_id": "call"}))

    def stream(exchange: Exchange) -> None:
        said = {"event_id": "call", "output": {"data": given}, "success": True}
        exchange.start(Content_Type="text/event-stream")
        for message in ({"msg": "process_completed", **said}, {"msg": "close_stream"}):
            exchange.chunk(b"data: %s\n\n" % json.dumps(message).encode())
        exchange.chunk(b"")

    web.on("/gradio_api/queue/join", join)
    web.on("/gradio_api/queue/data", stream)
