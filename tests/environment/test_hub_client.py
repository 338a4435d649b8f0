"""The official client finds in our stand-in of the Hub what we find: that makes it trustworthy."""

from __future__ import annotations

import functools
import itertools
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import huggingface_hub
import pytest
from huggingface_hub import SpaceHardware
from huggingface_hub.errors import (
    BadRequestError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
)

import gradioproxy as gp
from tests.support.hub_server import OTHER, READER, TOKEN

if TYPE_CHECKING:
    from tests.support.hub_server import StandIn


@pytest.fixture
def official(hub: StandIn) -> huggingface_hub.HfApi:
    """Give the official client, with a token."""
    return huggingface_hub.HfApi(endpoint=hub.web.url, token=TOKEN)


def test_models(hub: StandIn, official: huggingface_hub.HfApi) -> None:
    """Lists are the same, page after page, and so is one model."""
    hub.add_models(*(f"alice/m{number}" for number in range(8)), "bob/other")

    assert [found.id for found in official.list_models()] == list(hub.models)
    # The official client also asks what programs there are that may use it.
    pages = [request for request in hub.requests if "/api/models" in request]
    hub.web.requests.clear()
    assert [found.id for found in gp.hub.models(token=TOKEN)] == list(hub.models)
    assert hub.requests == pages

    for limit in (1, 3, 4, 20):
        theirs = official.list_models(author="alice", limit=limit)
        ours = gp.hub.models(author="alice", limit=limit)
        assert [found.id for found in theirs] == [found.id for found in ours]
    assert official.model_info("bob/other").id == gp.hub.model("bob/other").id == "bob/other"


def test_spaces(hub: StandIn, official: huggingface_hub.HfApi) -> None:
    """Spaces are the same: lists, descriptions, stages, and starting."""
    hub.add_space("alice/one", "PAUSED", private=True)
    hub.add_space("bob/two")

    assert [found.id for found in official.list_spaces()] == ["alice/one", "bob/two"]
    assert [found.id for found in gp.hub.spaces(token=TOKEN)] == ["alice/one", "bob/two"]
    theirs, ours = official.space_info("alice/one"), gp.hub.space("alice/one", token=TOKEN)
    assert theirs.runtime is not None
    assert (theirs.host, theirs.runtime.stage) == (ours.host, ours.stage)
    assert official.get_space_runtime("alice/one").stage == "PAUSED"
    assert official.restart_space("alice/one").stage == "BUILDING"
    hub.spaces["alice/one"].stages = ["PAUSED"]
    assert gp.hub.start(ours).stage == "BUILDING"


def test_errors(hub: StandIn, official: huggingface_hub.HfApi) -> None:
    """What is an error for one is one for the other."""
    hub.add_space("bob/private", private=True)
    hub.add_space("bob/gated", gated="auto")
    hub.add_space("bob/public", "PAUSED")
    for name in ("bob/private", "bob/missing"):
        with pytest.raises(RepositoryNotFoundError):
            official.space_info(name)
        with pytest.raises(RepositoryNotFoundError):
            official.space_info(name, token=False)
    with pytest.raises(GatedRepoError):
        official.space_info("bob/gated")
    with pytest.raises(HfHubHTTPError, match="write access"):
        official.restart_space("bob/public")
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        official.whoami("hf_wrong")
    assert official.whoami()["name"] == gp.hub.whoami(token=TOKEN).name == "alice"


def official_run(code: str) -> list[str]:
    """Run code that uses the official client, in this environment, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import huggingface_hub as hf\n{code}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("variable", ["HF_HOME", "HF_TOKEN_PATH", "XDG_CACHE_HOME"])
def test_a_token_that_one_stores_is_the_others(
    hub: StandIn, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logging in with either is logging in with both, whichever variable says where."""
    if variable != "HF_HOME":
        monkeypatch.delenv("HF_HOME")
        monkeypatch.setenv(variable, str(tmp_path / "deep" / "x"))
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
    names = "from huggingface_hub.utils import get_stored_tokens\n"

    gp.hub.set_token(TOKEN)
    show = f"{names}print(hf.get_token(), get_stored_tokens())"
    assert official_run(show) == [" ".join([TOKEN, str({"alice's laptop": TOKEN})])]

    official_run(f"hf.login({OTHER!r})")
    assert gp.hub.whoami().name == "bob"
    gp.hub.set_token(TOKEN)
    stored = official_run(f"{names}print(sorted(get_stored_tokens()))")
    assert stored == [str(["alice's laptop", "bob's laptop"])]
    assert gp.hub.whoami().name == "alice"
    assert hub.web.requests


def test_permissions_are_the_same(hub: StandIn, tmp_path: Path) -> None:
    """The files are made as the official client makes them: for their owner alone."""
    modes = []
    for store in (lambda: gp.hub.set_token(TOKEN), lambda: official_run(f"hf.login({TOKEN!r})")):
        folder = Path(os.environ["HF_HOME"])
        folder.mkdir()
        folder.chmod(0o755)
        store()
        files = [folder, *sorted(folder.iterdir())]
        modes.append([(file.name, stat.S_IMODE(file.stat().st_mode)) for file in files])
        folder.rename(tmp_path / f"old{len(modes)}")
    assert modes[0] == modes[1]
    assert modes[0] == [("hf", 0o700), ("stored_tokens", 0o600), ("token", 0o600)]
    assert hub.web.requests


def test_a_page_is_asked_for_when_it_is_needed(
    hub: StandIn, official: huggingface_hub.HfApi
) -> None:
    """Neither client asks for pages that nobody reads."""
    hub.add_models(*(f"alice/m{number}" for number in range(10)))
    for find in (official.list_models, gp.hub.models):
        hub.web.requests.clear()
        assert len(list(itertools.islice(find(), 4))) == 4
        assert hub.requests[-2:] == ["GET /api/models", "GET /api/models?cursor=3"]


Manage = Callable[[huggingface_hub.HfApi], object]

BOTH: dict[str, tuple[Manage, Callable[[], object]]] = {
    "pause": (lambda api: api.pause_space("alice/app"), lambda: gp.hub.pause("alice/app")),
    "restart": (lambda api: api.restart_space("alice/app"), lambda: gp.hub.restart("alice/app")),
    "rebuild": (
        lambda api: api.restart_space("alice/app", factory_reboot=True),
        lambda: gp.hub.restart("alice/app", factory_reboot=True),
    ),
    "hardware": (
        lambda api: api.request_space_hardware("alice/app", SpaceHardware.T4_SMALL),
        lambda: gp.hub.request_hardware("alice/app", SpaceHardware.T4_SMALL),
    ),
    "hardware that sleeps": (
        lambda api: api.request_space_hardware(
            "alice/app", SpaceHardware.A100_LARGE, sleep_time=300
        ),
        lambda: gp.hub.request_hardware("alice/app", "a100-large", 300),
    ),
    "secret": (
        lambda api: api.add_space_secret("alice/app", "KEY", "value", description="Of a model"),
        lambda: gp.hub.set_secret("alice/app", "KEY", "value", description="Of a model"),
    ),
    "other value": (
        lambda api: api.add_space_secret("alice/app", "OLD", "value"),
        lambda: gp.hub.set_secret("alice/app", "OLD", "value"),
    ),
    "no secret": (
        lambda api: api.delete_space_secret("alice/app", "OLD"),
        lambda: gp.hub.delete_secret("alice/app", "OLD"),
    ),
    "copy": (
        lambda api: api.duplicate_repo("bob/app", repo_type="space", private=True),
        lambda: gp.hub.duplicate("bob/app", token=TOKEN),
    ),
    "copy by name": (
        lambda api: api.duplicate_repo("bob/app", "alice/copy", repo_type="space"),
        lambda: gp.hub.duplicate("bob/app", "alice/copy", private=None),
    ),
    "copy with all": (
        lambda api: api.duplicate_repo(
            "bob/app",
            "copy",
            repo_type="space",
            private=False,
            space_hardware=SpaceHardware.T4_SMALL,
            space_sleep_time=600,
            space_secrets=[{"key": "KEY", "value": "value"}],
            space_variables=[{"key": "MODEL", "value": "small"}],
            space_volumes=[
                huggingface_hub.Volume(type="model", source="bob/model", mount_path="/model")
            ],
        ),
        lambda: gp.hub.duplicate(
            "bob/app",
            "copy",
            private=False,
            hardware="t4-small",
            sleep_time=600,
            secrets={"KEY": "value"},
            variables={"MODEL": "small"},
            volumes=[{"type": "model", "source": "bob/model", "mountPath": "/model"}],
        ),
    ),
}
"""What both clients can do with Spaces."""


@pytest.mark.parametrize("what", BOTH)
def test_both_leave_the_same(
    hub: StandIn, official: huggingface_hub.HfApi, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """What one client does, the other one does by the same request, with the same effect."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    left, asked = [], []
    theirs, ours = BOTH[what]
    for manage in (functools.partial(theirs, official), ours):
        hub.spaces.clear()
        hub.web.requests.clear()
        hub.add_space("bob/app")
        app = hub.add_space("alice/app" if not what.startswith("copy") else "alice/one")
        app.secrets["OLD"] = {"key": "OLD", "value": "old"}
        manage()
        left.append(hub.spaces.copy())
        asked.append(
            [
                (one.method, one.target, json.loads(one.body) if one.body else None)
                for one in hub.web.requests
                if one.method != "GET"
            ]
        )
    assert left[0] == left[1]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 1


def test_secrets_and_quota(hub: StandIn, official: huggingface_hub.HfApi) -> None:
    """What one client is told, the other one is."""
    hub.add_space("alice/app").secrets["KEY"] = {"key": "KEY", "value": "x", "description": "Mine"}
    theirs, ours = official.get_space_secrets("alice/app"), gp.hub.secrets("alice/app", token=TOKEN)
    assert [(key, one.description) for key, one in theirs.items()] == [("KEY", "Mine")]
    assert [(key, one.description) for key, one in ours.items()] == [("KEY", "Mine")]
    hub.quota["resetsAt"] = "2026-09-30T09:12:03.000Z"
    left, known = official.get_zero_gpu_quota(), gp.hub.quota(token=TOKEN)
    assert (left.base, left.remaining, left.resets_at, left.overquota_used) == (
        known.base,
        known.remaining,
        known.resets_at,
        known.overquotaUsed,
    )


def test_errors_of_managing(hub: StandIn, official: huggingface_hub.HfApi) -> None:
    """What is refused to one client is refused to the other, with the Hub's words."""
    hub.add_space("bob/app")
    hub.add_space("alice/app")
    hub.add_space("alice/page", sdk="static")
    reader = huggingface_hub.HfApi(endpoint=hub.web.url, token=READER)
    with pytest.raises(HfHubHTTPError, match="write access"):
        official.pause_space("bob/app")
    with pytest.raises(HfHubHTTPError, match="role read"):
        reader.pause_space("alice/app")
    with pytest.raises(BadRequestError, match="Static Spaces"):
        official.pause_space("alice/page")
    with pytest.raises(BadRequestError, match="expected one of"):
        official.request_space_hardware("alice/app", "t5")  # type: ignore[arg-type]
    with pytest.raises(RepositoryNotFoundError):
        official.duplicate_repo("bob/none", "alice/copy", repo_type="space")
    with pytest.raises(HfHubHTTPError, match="already created") as raised:
        official.duplicate_repo("bob/app", "alice/app", repo_type="space")
    assert raised.value.response.status_code == 409
    with pytest.raises(HfHubHTTPError, match="valid token"):
        official.get_zero_gpu_quota(token=False)
