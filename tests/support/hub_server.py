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
READER = "hf_readREADread"
"""A token of Alice's that may not write."""
ACCOUNTS = {TOKEN: "alice", OTHER: "bob", READER: "alice"}

HARDWARE = ("cpu-basic", "cpu-upgrade", "zero-a10g", "t4-small", "a100-large")

HUB_VARIABLES = (
    *("HF_ENDPOINT", "HF_HOME", "HF_TOKEN", "HF_TOKEN_PATH", "HUGGING_FACE_HUB_TOKEN"),
    "XDG_CACHE_HOME",
)

_START = ("BUILDING", "APP_STARTING", "RUNNING")
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
        hardware: What it runs on, and what was requested.
        sleep_time: The seconds after which it goes to sleep.
        secrets: Its secrets by name, with their values, which nobody is told.
        variables: Its variables by name.
        volumes: What is mounted in it.
        rebuilds: How often it was built without what was kept.
    """

    fields: dict[str, Any]
    stages: list[str] = field(default_factory=lambda: ["RUNNING"])
    awake: tuple[str, ...] = _START
    error: str = ""
    hardware: list[str] = field(default_factory=lambda: ["cpu-basic", "cpu-basic"])
    sleep_time: int = 172800
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    volumes: list[dict[str, Any]] | None = None
    rebuilds: int = 0

    def runtime(self) -> dict[str, Any]:
        """Return what it does."""
        hardware = dict(zip(("current", "requested"), self.hardware, strict=True))
        said = {"stage": self.stages[0], "hardware": hardware, "gcTimeout": self.sleep_time}
        said |= {"volumes": self.volumes} if self.volumes else {}
        return {**said, "errorMessage": self.error} if self.error else said

    def go_on(self) -> None:
        """Come to the next stage."""
        if len(self.stages) > 1:
            del self.stages[0]
        if self.stages[0] == "RUNNING":
            self.hardware = self.hardware[1:] * 2

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
        quota: What is left of ZeroGPU, to each account.
        page: How many items there are on a page at most.
        front: The server that all hosts of Spaces lead to, with what it was asked.
        target: Where the app behind it is.
    """

    def __init__(self, web: Web, front: Web) -> None:
        self.web, self.front = web, front
        self.spaces: dict[str, Kept] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.quota: dict[str, Any] = {"base": 300, "current": 181.5, "overquotaUsed": 0}
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
        body = exchange.receive()
        with self._lock:
            exchange.answer(self._reply(exchange, body))

    def _reply(self, exchange: Exchange, body: bytes) -> Reply:
        said = exchange.headers.get("Authorization", "").removeprefix("Bearer ")
        user = ACCOUNTS.get(said)
        if said and user is None:
            return refused(401, _BAD_TOKEN)
        writes = exchange.command != "GET"
        if writes and said == READER:
            return refused(403, "This token has the role read, and may not write.")
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
            case "GET", ["spaces", "zero-gpu", "quota"]:
                missing = refused(401, "Invalid username or password.")
                reply = reply_json(self.quota) if user else missing
            case "GET", ["spaces", owner, name, *rest] if rest in ([], ["runtime"]):
                reply = self._space(f"{owner}/{name}", user, runtime=bool(rest))
            case "POST", ["spaces", owner, name, "duplicate"]:
                reply = self._duplicate(f"{owner}/{name}", user, json.loads(body))
            case _, ["spaces", owner, name, what]:
                given = {**query, **(json.loads(body) if body else {})}
                reply = self._manage(f"{owner}/{name}", user, (exchange.command, what), given)
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

    def _duplicate(self, name: str, user: str | None, given: dict[str, Any]) -> Reply:
        kept = self.spaces.get(name)
        reply = self._repository(kept.fields if kept else None, user)
        if kept is None or reply.status != 200:
            return reply
        target, flavor = given["repository"], given.get("hardware", "cpu-basic")
        if target.partition("/")[0] != user:
            return refused(403, f"You can't create a Space under the namespace of {target!r}.")
        if target in self.spaces:
            return refused(409, "You already created this space repo")
        if flavor not in HARDWARE:
            return refused_hardware("hardware")
        private = {"private": True, "public": False}
        visibility = given.get("visibility")
        copy = self.add_space(
            target,
            *_START,
            private=private[visibility] if visibility else kept.fields["private"],
            sdk=kept.fields["sdk"],
        )
        copy.hardware = [flavor, flavor]
        copy.sleep_time = given.get("sleepTimeSeconds", copy.sleep_time)
        copy.secrets = {one["key"]: one for one in given.get("secrets", ())}
        copy.variables = kept.variables | {one["key"]: one for one in given.get("variables", ())}
        copy.volumes = given.get("volumes")
        return reply_json({"url": f"{self.web.url}/spaces/{target}", "filesCopyPending": False})

    def _manage(
        self, name: str, user: str | None, what: tuple[str, str], given: dict[str, Any]
    ) -> Reply:
        """Do what only the owner of a Space may."""
        kept = self.spaces.get(name)
        reply = self._repository(kept.fields if kept else None, user)
        if kept is not None and reply.status == 200 and kept.owner != user:
            reply = refused(403, "You don't have write access to this Space.")
        if kept is None or reply.status != 200:
            return reply
        match what:
            case "POST", "restart" | "pause" if kept.fields["sdk"] == "static":
                return refused(400, "Static Spaces can't be paused or restarted.")
            case "POST", "restart":
                kept.rebuilds += given.get("factory") == "true"
                kept.stages = list(kept.awake)
            case "POST", "pause":
                kept.stages = ["PAUSED"]
            case "POST", "hardware":
                if given["flavor"] not in HARDWARE:
                    return refused_hardware("flavor")
                kept.hardware[1] = given["flavor"]
                kept.sleep_time = given.get("sleepTimeSeconds", kept.sleep_time)
                kept.stages = list(kept.awake)
            case method, "secrets":
                return _manage_secrets(kept, method, given)
            case _:
                return refused(404, "Sorry, we can't find the page you are looking for.")
        return reply_json(kept.runtime())

    def _visit(self, exchange: Exchange) -> None:
        """Answer for the first Space that there is: let through who may, and wake it."""
        body = exchange.receive()
        kept = next(iter(self.spaces.values()))
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


def refused_hardware(place: str) -> Reply:
    """Return what the Hub says of hardware that there is not."""
    known = "|".join(f'"{name}"' for name in HARDWARE)
    said = f"\u2716 Invalid option: expected one of {known}\n  \u2192 at {place}"
    return reply_json({"error": said}, 400)  # which fits into no header


def _manage_secrets(kept: Kept, method: str, given: dict[str, Any]) -> Reply:
    if method == "POST":
        kept.secrets[given["key"]] = given
    elif method == "DELETE":
        kept.secrets.pop(given["key"], None)
    shown = ("key", "description")
    told = {
        key: {name: secret[name] for name in shown if name in secret}
        | {"updatedAt": "2026-01-02T03:04:05.000Z"}
        for key, secret in kept.secrets.items()
    }
    return reply_json(told if method == "GET" else {})


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
