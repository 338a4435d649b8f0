"""A stand-in of the Hub's REST API, and of the proxy before its Spaces, as real HTTP servers.

Rule: the official client, `huggingface_hub`, can use every route, and a test does.
What is answered to whom is what the Hub does: see the errors of that client.
"""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.support.web_server import (
    BUNDLE_VARIABLES,
    PROXY_VARIABLES,
    Exchange,
    Reply,
    Web,
    reply_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN, OTHER = "hf_aliceALICEalice", "hf_bobBOBbob"
ACCOUNTS = {TOKEN: "alice", OTHER: "bob"}

HUB_VARIABLES = (
    *("HF_ENDPOINT", "HF_HOME", "HF_TOKEN", "HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN"),
    "XDG_CACHE_HOME",
)

_HARDWARE = {"current": "cpu-basic", "requested": "cpu-basic"}
_BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105 - the Hub's words


@dataclass
class Kept:
    """A Space, as the Hub keeps it.

    Attributes:
        fields: What the Hub says of it.
        stages: What it does: the present stage, and those that follow, one for each time that
            somebody asks for it, until the last.
        awake: The stages that a visit to its app, while it is asleep, starts.
        error: What the Hub says of a failure.
    """

    fields: dict[str, Any]
    stages: list[str] = field(default_factory=lambda: ["RUNNING"])
    awake: tuple[str, ...] = ("BUILDING", "APP_STARTING", "RUNNING")
    error: str = ""

    def runtime(self) -> dict[str, Any]:
        """Return what it does."""
        said = {"stage": self.stages[0], "hardware": _HARDWARE, "gcTimeout": 172800}
        return {**said, "errorMessage": self.error} if self.error else said

    def go_on(self) -> None:
        """Come to the next stage."""
        if len(self.stages) > 1:
            del self.stages[0]

    @property
    def owner(self) -> str:
        """Whose it is."""
        return str(self.fields["author"])


class StandIn:
    """The Hub.

    Attributes:
        web: Its server.
        spaces: The Spaces by name.
        models: The models by name.
        page: How many items there are on a page at most.
        front: The server that all hosts of Spaces lead to, with what it was asked.
        target: Where the app behind it is.
    """

    def __init__(self, web: Web, front: Web) -> None:
        self.web, self.front = web, front
        self.spaces: dict[str, Kept] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.page = 3
        self.target = ""
        self._lock = threading.Lock()
        web.otherwise = self._answer
        front.otherwise = self._visit

    @property
    def requests(self) -> list[str]:
        """The requests that came to the API, as method and target."""
        return [f"{request.method} {request.target}" for request in self.web.requests]

    def add_space(self, name: str, *stages: str, **fields: Any) -> Kept:
        """Keep a Space.

        Args:
            name: Its name.
            *stages: What it does; ``RUNNING`` by default.
            **fields: More of what the Hub says of it.
        """
        owner, _, short = name.partition("/")
        known = {
            "_id": f"id-{len(self.spaces)}",
            "id": name,
            "author": owner,
            "private": False,
            "gated": False,
            "disabled": False,
            "sdk": "gradio",
            "likes": 7,
            "tags": ["gradio"],
            "host": self.front.url,
            "subdomain": f"{owner}-{short}".lower(),
            "lastModified": "2026-01-02T03:04:05.000Z",
            "cardData": {"title": short},
            "siblings": [{"rfilename": "app.py"}],
            **fields,
        }
        kept = self.spaces[name] = Kept(known, list(stages) or ["RUNNING"])
        return kept

    def add_models(self, *names: str, **fields: Any) -> None:
        """Keep models."""
        for name in names:
            about = {"id": name, "modelId": name, "private": False, "gated": False, "likes": 1}
            self.models[name] = {**about, "author": name.partition("/")[0], **fields}

    def _answer(self, exchange: Exchange) -> None:
        exchange.receive()
        with self._lock:
            exchange.answer(self._reply(exchange))

    def _reply(self, exchange: Exchange) -> Reply:
        said = exchange.headers.get("Authorization", "")
        user = ACCOUNTS.get(said.removeprefix("Bearer "))
        if said and user is None:
            return refused(401, _BAD_TOKEN)
        parts = urlsplit(exchange.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        reply = refused(404, "Sorry, we can't find the page you are looking for.")
        match exchange.command, parts.path.strip("/").split("/")[1:]:
            case "GET", ["whoami-v2"]:
                reply = self._whoami(user)
            case "GET", ["models" | "spaces" as kind]:
                reply = self._list(kind, query, user)
            case "GET", ["models", *name]:
                reply = self._repository(self.models.get("/".join(name)), user)
            case "GET", ["spaces", owner, name, *rest] if rest in ([], ["runtime"]):
                reply = self._space(f"{owner}/{name}", user, runtime=bool(rest))
            case "POST", ["spaces", owner, name, "restart"]:
                reply = self._restart(f"{owner}/{name}", user)
        return reply

    @staticmethod
    def _whoami(user: str | None) -> Reply:
        if user is None:
            return refused(401, "Invalid username or password.")
        access = {"displayName": f"{user}'s laptop", "role": "write"}
        auth = {"type": "access_token", "accessToken": access}
        return reply_json({"type": "user", "id": "1", "name": user, "orgs": [], "auth": auth})

    def _list(self, kind: str, query: dict[str, str], user: str | None) -> Reply:
        items = list(self.models.values())
        if kind == "spaces":
            items = [kept.fields for kept in self.spaces.values()]
        found = [
            {name: value for name, value in item.items() if name not in {"host", "siblings"}}
            for item in items
            if (not item["private"] or item["author"] == user)
            and query.get("author") in {None, item["author"]}
            and query.get("search", "") in item["id"]
        ]
        first = int(query.get("cursor", "0"))
        last = first + min(self.page, int(query.get("limit", self.page)))
        links = {}
        if last < len(found):
            following = urlencode({**query, "cursor": last})
            links = {"Link": f'<{self.web.url}/api/{kind}?{following}>; rel="next"'}
        return Reply(200, json.dumps(found[first:last]).encode(), links)

    @staticmethod
    def _repository(fields: dict[str, Any] | None, user: str | None) -> Reply:
        if fields is None or (fields["private"] and fields["author"] != user):
            said = "Invalid username or password." if user is None else "Repository not found"
            return refused(401 if user is None else 404, said, "RepoNotFound")
        if fields["gated"] and fields["author"] != user:
            return refused(401 if user is None else 403, "Access is restricted.", "GatedRepo")
        return reply_json(fields)

    def _space(self, name: str, user: str | None, *, runtime: bool) -> Reply:
        kept = self.spaces.get(name)
        reply = self._repository(kept.fields if kept else None, user)
        if kept is None or reply.status != 200:
            return reply
        if runtime:
            kept.go_on()
            return reply_json(kept.runtime())
        return reply_json({**kept.fields, "runtime": kept.runtime()})

    def _restart(self, name: str, user: str | None) -> Reply:
        kept = self.spaces.get(name)
        reply = self._repository(kept.fields if kept else None, user)
        if kept is None or reply.status != 200:
            return reply
        if kept.owner != user:
            return refused(403, "You don't have write access to this Space.")
        if kept.fields["sdk"] == "static":
            return refused(400, "Static Spaces can't be restarted.")
        kept.stages = list(kept.awake)
        return reply_json(kept.runtime())

    def _visit(self, exchange: Exchange) -> None:
        """Answer for the only Space that there is: let through who may, and wake it."""
        body = exchange.receive()
        [kept] = self.spaces.values()
        said = exchange.headers.get("X-HF-Authorization") or exchange.headers.get("Authorization")
        user = ACCOUNTS.get((said or "").removeprefix("Bearer "))
        with self._lock:
            if kept.fields["private"] and user != kept.owner:
                exchange.answer(Reply(404, b"<html>Not found</html>"))
                return
            if kept.stages[0] in {"SLEEPING", "STOPPED"}:
                kept.stages = [kept.stages[0], *kept.awake]
            if not kept.stages[0].startswith("RUNNING"):
                exchange.answer(Reply(503, b"<html>Preparing Space</html>"))
                return
        self._forward(exchange, body)

    def _forward(self, exchange: Exchange, body: bytes) -> None:
        """Hand a request on to the app, without the header that is for the proxy."""
        target = urlsplit(self.target)
        headers = {
            name: value
            for name, value in exchange.headers.items()
            if name.lower() not in {"x-hf-authorization", "connection"}
        }
        app = http.client.HTTPConnection(str(target.hostname), target.port)
        try:
            app.request(exchange.command, exchange.path, body, headers)
            response = app.getresponse()
            dropped = {"transfer-encoding", "content-length", "connection"}
            kept = {
                k.replace("-", "_"): v for k, v in response.getheaders() if k.lower() not in dropped
            }
            exchange.start(response.status, **kept)
            while piece := response.read1(1 << 16):
                exchange.chunk(piece)
            exchange.chunk(b"")
        except http.client.HTTPException:
            exchange.drop()
        finally:
            app.close()


def refused(status: int, said: str, code: str = "", **headers: str) -> Reply:
    """Return an answer that is an error, as the Hub words it."""
    known = {"X-Error-Message": said, **({"X-Error-Code": code} if code else {}), **headers}
    body = json.dumps({"error": said}).encode()
    return Reply(status, body, {"Content-Type": "application/json", **known})


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """Give a Hub that the environment leads to, and an environment without any token."""
    for name in (*PROXY_VARIABLES, *BUNDLE_VARIABLES, *HUB_VARIABLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with Web() as web, Web() as front:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
        yield StandIn(web, front)
