"""Tokens: where they are found, where they are kept, and to whom they never go."""

from __future__ import annotations

import copy
import getpass
import io
import logging
import os
import pickle
import re
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.hub import Space
from gradioproxy.transport.url import Address
from tests.support.disks import FULL, REFUSED, name_fault
from tests.support.hub_server import OTHER, TOKEN
from tests.support.web_server import CA, Web, redirect, reply_json, serve_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.disks import FailingDisk
    from tests.support.hub_server import StandIn

SECRET_HEADERS = ("Authorization", "X-HF-Authorization", "Cookie")


def sent_to(web: Web) -> list[str | None]:
    """Return what a server got in headers that are for secrets, of each request."""
    return [
        next((request.headers[name] for name in SECRET_HEADERS if name in request.headers), None)
        for request in web.requests
    ]


def write_token(value: str | bytes) -> Path:
    """Put a token into the file where the tools keep it."""
    path = Path(os.environ["HF_HOME"], "token")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else value.encode())
    return path


def test_the_order_in_which_tokens_are_found(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is passed goes first, then the environment, then the file; ``False`` is none."""

    def used(token: str | bool | None = None) -> str | None:
        hub.web.requests.clear()
        list(gp.hub.models(token=token))
        [found] = sent_to(hub.web)
        return found

    assert used() is None
    write_token(f"{TOKEN}\r\n")
    assert used() == f"Bearer {TOKEN}"
    monkeypatch.setenv("HUGGING_FACE_HUB_TOKEN", OTHER)
    assert used() == f"Bearer {OTHER}"
    monkeypatch.setenv("HF_TOKEN", f" {TOKEN}\n")
    assert used() == f"Bearer {TOKEN}"
    assert used(OTHER) == f"Bearer {OTHER}"
    assert used(False) is None
    assert used("") is None
    monkeypatch.setenv("HF_TOKEN", " ")
    assert used() == f"Bearer {OTHER}"
    with pytest.raises(TypeError, match="takes a token, or False"):
        used(True)


def test_without_a_token_nobody_is_asked(hub: StandIn) -> None:
    """Whose token it is can't be asked without one, and the error says where one would be."""
    with pytest.raises(gp.AuthenticationError, match=r"none in token=, HF_TOKEN or .*token\b"):
        gp.hub.whoami()
    with pytest.raises(gp.AuthenticationError, match="token=False"):
        gp.hub.spaces(mine=True, token=False)
    assert hub.requests == []


@pytest.mark.parametrize("source", ["token=", "HF_TOKEN", "file"])
def test_a_wrong_token(hub: StandIn, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The error says where the token is from, and never what it is."""
    wrong, token = "hf_wrongWRONG", None
    if source == "token=":
        token = wrong
    elif source == "HF_TOKEN":
        monkeypatch.setenv("HF_TOKEN", wrong)
    else:
        source = str(write_token(wrong))
    hub.add_space("alice/app")
    asks: list[Any] = [gp.hub.whoami, gp.hub.models, lambda token: gp.hub.space("a/b", token=token)]
    asks.append(lambda token: gp.connect("alice/app", token=token))
    for ask in asks:
        with pytest.raises(gp.AuthenticationError, match="refused the token of") as raised:
            ask(token=token)
        error = raised.value
        assert f"the token of {source}:" in str(error)
        assert error.status == 401
        text = "".join(traceback.format_exception(error)) + error.report() + repr(vars(error))
        assert wrong not in text
    assert len(hub.requests) == len(asks)
    assert hub.front.requests == []


@pytest.mark.parametrize("value", ["hf_a b", "hf_\x00", "hf_é", b"\xff\xfe"])
def test_a_file_that_holds_no_token(hub: StandIn, value: str | bytes) -> None:
    """What can be no token is not sent, and the error names the file without quoting it."""
    path = write_token(value)
    with pytest.raises(gp.AuthenticationError, match=re.escape(str(path))) as raised:
        gp.hub.models()
    # The folder of a test has a name made at random, which may hold the like of a token.
    assert "hf_" not in str(raised.value).replace(str(path), "")
    path.unlink()
    path.mkdir()
    with pytest.raises(gp.AuthenticationError, match="can't be read"):
        gp.hub.models()
    assert hub.requests == []
    assert list(gp.hub.models(token=False)) == []


def test_a_token_is_checked_before_it_is_stored(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong token changes nothing; a good one is used from then on."""
    with pytest.raises(gp.AuthenticationError, match="refused"):
        gp.hub.set_token("hf_wrong")
    assert not Path(os.environ["HF_HOME"]).exists()
    for nothing in ("", " ", 5):
        with pytest.raises(TypeError, match="not empty"):
            gp.hub.set_token(nothing)  # type: ignore[arg-type]

    monkeypatch.setenv("HF_TOKEN", OTHER)
    with caplog.at_level(logging.WARNING, "gradioproxy"):
        assert gp.hub.set_token(f" {TOKEN}\n").name == "alice"
    assert "HF_TOKEN is set and goes before it" in caplog.text
    assert gp.hub.whoami().name == "bob"
    monkeypatch.delenv("HF_TOKEN")
    assert gp.hub.whoami().name == "alice"
    assert Path(os.environ["HF_HOME"], "token").read_text() == TOKEN
    assert sent_to(hub.web)[0] == "Bearer hf_wrong"


def test_what_others_stored_stays(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens by name are added to; a file of them that nobody understands is left alone."""
    stored = Path(os.environ["HF_HOME"], "stored_tokens")
    write_token(OTHER)
    stored.write_text("[old]\nhf_token = 50%\nother = 1\n\n[alice's laptop]\nexpires_at = 7\n")
    gp.hub.set_token(TOKEN)
    assert stored.read_text().split("\n\n") == [
        "[old]\nhf_token = 50%\nother = 1",
        f"[alice's laptop]\nhf_token = {TOKEN}",
        "",
    ]
    stored.write_text("nonsense")
    gp.hub.set_token(TOKEN)
    assert stored.read_text() == "nonsense"

    evil = {"displayName": "DEFAULT]\n[old]\nx = y\x1b"}
    hub.web.on("/api/whoami-v2", reply_json({"name": "a", "auth": {"accessToken": evil}}))
    stored.write_text("[old]\nhf_token = 1\n")
    gp.hub.set_token(TOKEN)
    assert "[DEFAULT) (old) x = y]" in stored.read_text()
    monkeypatch.setenv("HF_TOKEN_PATH", str(stored.parent.parent / "elsewhere"))
    folder = stored.parent.parent
    folder.chmod(0o755)
    gp.hub.set_token(TOKEN)
    assert folder.stat().st_mode & 0o777 == 0o755


def as_proxy(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Hub's server be reached under any name, over http."""
    monkeypatch.setenv("http_proxy", hub.web.url)
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.test")


def test_a_hub_without_https_gets_no_token(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is passed is refused, one of the environment stays here, and errors say so."""
    as_proxy(hub, monkeypatch)
    with pytest.raises(gp.AuthenticationError, match=r"http://hub\.test over https only"):
        gp.hub.models(token=TOKEN)
    assert hub.requests == []
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.web.otherwise = reply_json({"error": "Repository not found"}, 404)
    with pytest.raises(gp.SpaceError, match="that of HF_TOKEN goes over https only"):
        gp.hub.space("alice/app")
    assert hub.web.requests[0].target == "http://hub.test/api/spaces/alice/app"
    assert sent_to(hub.web) == [None]


def test_a_hub_with_https(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over https a token is sent; not to where a redirection or a page of a list leads."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CA))
    with Web(tls=True) as web:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
        away = [web.url.replace("https:", "http:"), hub.web.url, f"https://localhost:{web.port}"]
        for other in away:
            web.on("/api/spaces/alice/app", redirect(f"{other}/api/spaces/alice/app"))
            with pytest.raises(gp.ServerError, match="another server"):
                gp.connect("alice/app", token=TOKEN)
            web.on("/api/models", reply_json([{}], Link=f"<{other}/api/models>; rel=next"))
            with pytest.raises(gp.ServerError, match="another server"):
                list(gp.hub.models(token=TOKEN))
        assert sent_to(web) == [f"Bearer {TOKEN}"] * 2 * len(away)
    assert (hub.requests, hub.front.requests) == ([], [])


@pytest.mark.parametrize("host", ["http://app.test", "ftp://x", "no address", "", None, 7, "//x"])
def test_a_space_without_https(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, host: str | None
) -> None:
    """A Space's app that is not at an https address is not asked at all."""
    monkeypatch.setenv("http_proxy", hub.front.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hub.add_space("alice/app", host=host)
    with pytest.raises(gp.SpaceError, match="names no address for the app of 'alice/app'"):
        gp.connect("alice/app", token=TOKEN)
    assert hub.front.requests == []


def test_a_hub_elsewhere_names_no_app_on_this_machine(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a Hub on this machine may lead to an app on it without https."""
    as_proxy(hub, monkeypatch)
    kept = hub.add_space("alice/app")
    hub.web.otherwise = reply_json({**kept.fields, "runtime": kept.runtime()})
    with pytest.raises(gp.SpaceError, match="which is not https"):
        gp.connect("alice/app")
    assert hub.front.requests == []


def test_the_app_itself_sees_no_token(hub: StandIn) -> None:
    """The proxy before Spaces gets the token in the header that it takes off."""
    hub.add_space("alice/app", private=True)
    with Web() as app:
        serve_app(app, "echo")
        hub.target = app.url
        with gp.connect("alice/app", token=TOKEN) as session:
            assert list(session) == ["/echo"]
            assert "X-HF-Authorization: Bearer <token>" in session.echo.check("x").curl
        assert sent_to(app) == [None, None]
    assert [request.headers["X-HF-Authorization"] for request in hub.front.requests] == [
        f"Bearer {TOKEN}"
    ] * 2
    assert not any("Authorization" in request.headers for request in hub.front.requests)
    hosts = ("a-b.hf.space", "hf.space.example.org")
    headers = [Address(f"https://{host}").token_header for host in hosts]
    assert headers == ["X-HF-Authorization", "Authorization"]


def test_a_space_remembers_what_was_passed(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that was passed for a Space is used for it; one of the environment is read anew."""
    hub.add_space("alice/app")
    serve_app(hub.front, "echo")
    anonymous, known = gp.hub.space("alice/app", token=False), gp.hub.space("alice/app")
    mine = gp.hub.space("alice/app", token=OTHER)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for space in (anonymous, known, mine):
        gp.connect(space).close()
    gp.connect(mine, token=False).close()
    assert sent_to(hub.front)[::2] == [None, f"Bearer {TOKEN}", f"Bearer {OTHER}", None]


def test_a_description_that_somebody_wrote_is_not_believed(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where the Hub itself named the host does that get a token; otherwise it is asked."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.add_space("alice/app")
    serve_app(hub.front, "echo")
    space = gp.hub.space("alice/app")
    changed = copy.copy(space)
    with Web() as stranger:
        changed["host"] = stranger.url
        written = Space({**space, "host": stranger.url})
        for forged in (changed, written, pickle.loads(pickle.dumps(changed))):  # noqa: S301
            with gp.connect(forged) as session:
                assert session.url == hub.front.url
        with Web() as other:
            other.on("/api/spaces/alice/app", reply_json({**space, "host": stranger.url}))
            monkeypatch.setenv("HF_ENDPOINT", other.url)
            elsewhere = gp.hub.space("alice/app", token=False)
        monkeypatch.setenv("HF_ENDPOINT", hub.web.url)
        gp.connect(elsewhere).close()
        assert stranger.requests == []


def test_a_space_that_redirects_takes_no_token_along(hub: StandIn) -> None:
    """Wherever an app of a Space leads to: that gets no token."""
    hub.add_space("alice/app")
    with Web() as app:
        serve_app(app, "echo")
        hub.front.on("/config", redirect(f"{app.url}/config"))
        with gp.connect("alice/app", token=TOKEN) as session:
            assert session.url == app.url
        assert sent_to(app) == [None, None]
    assert sent_to(hub.front) == [f"Bearer {TOKEN}"]


def test_an_ordinary_address_gets_what_is_passed(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token of the environment is for the Hub and its Spaces, and for nobody else."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    write_token(TOKEN)
    serve_app(hub.front, "echo")
    for token in (None, False):
        gp.connect(hub.front.url, token=token).close()
        gp.get_info(hub.front.url, token=token)
    assert sent_to(hub.front) == [None] * 8
    hub.front.requests.clear()
    gp.connect(hub.front.url, token=OTHER).close()
    gp.get_info(hub.front.url, token=OTHER)
    assert sent_to(hub.front) == [f"Bearer {OTHER}"] * 4
    assert hub.requests == []


def test_a_login_that_a_space_refuses_is_tried_once(hub: StandIn) -> None:
    """What is known of a Space may be old; a login is not tried again for that."""
    hub.add_space("alice/app")
    space = gp.hub.space("alice/app", token=TOKEN)
    hub.front.on("/login", reply_json({"detail": "Incorrect credentials."}, 400))
    with pytest.raises(gp.AuthenticationError, match="refused the user and password"):
        gp.connect(space, auth=("me", "wrong"))
    assert hub.front.paths() == ["/login"]


def test_a_refusal_names_the_source_of_the_token(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an app refuses the token of the environment, the error says where that is from."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.add_space("alice/app")
    hub.front.otherwise = reply_json({"detail": "Not authenticated"}, 401)
    with pytest.raises(gp.AuthenticationError, match="refused what HF_TOKEN gave"):
        gp.connect("alice/app")
    hub.spaces["alice/app"].fields["gated"] = "auto"
    with pytest.raises(gp.SpaceError, match="is gated") as raised:
        gp.connect("alice/app", token=TOKEN)
    assert raised.value.stage == "RUNNING"


# Where the file can't be read or written.


def store(monkeypatch: pytest.MonkeyPatch, home: Path) -> tuple[Path, Callable[[], object]]:
    """Return the file of a token below a home folder, and what stores one there."""
    monkeypatch.setenv("HF_HOME", str(home))
    return home / "token", lambda: gp.hub.set_token(TOKEN)


@pytest.mark.parametrize("fault", [*FULL, *REFUSED], ids=name_fault)
def test_a_token_that_can_not_be_stored(
    hub: StandIn, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch, fault: tuple[str, int]
) -> None:
    """The one before stays as it is, and the error names the file and not the token."""
    path, set_token = store(monkeypatch, disk.folder)
    path.write_text(OTHER)
    path.with_name("stored_tokens").write_text("[bob]\nhf_token = x\n\n")
    before = disk.list_files()
    disk.fail(*fault)
    for _ in range(2):
        with pytest.raises(OSError, match=re.escape(os.strerror(fault[1]))) as raised:
            set_token()
        error = raised.value
        named = getattr(error, "path", error.filename)
        assert Path(named).parent == disk.folder
        assert named in str(error)
        assert ".part" not in str(error)
        assert TOKEN not in "".join(traceback.format_exception(error))
        assert isinstance(error, gp.FileNotSaved) is (fault in FULL)
    disk.heal()
    assert disk.list_files() == before
    assert gp.hub.whoami().name == "bob"
    set_token()
    assert gp.hub.whoami().name == "alice"
    assert sorted(disk.list_files()) == ["stored_tokens", "token"]
    assert hub.requests


@pytest.mark.skipif(os.name != "posix", reason="needs the modes of POSIX")
def test_tokens_are_for_their_owner_alone(hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the user's mask permits, and whoever could read the files before."""
    folder = Path(os.environ["HF_HOME"])
    before = os.umask(0)
    try:
        for _ in range(2):
            gp.hub.set_token(TOKEN)
            found = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
            assert found == {"token": 0o600, "stored_tokens": 0o600}
            assert folder.stat().st_mode & 0o777 == 0o700
            for path in folder.iterdir():
                path.chmod(0o644)
    finally:
        os.umask(before)
    assert hub.requests
    monkeypatch.setenv("HF_TOKEN_PATH", str(folder / "link"))
    (folder / "real").write_text(OTHER)
    (folder / "link").symlink_to("real")
    gp.hub.set_token(TOKEN)
    assert (folder / "link").is_symlink()
    assert ((folder / "real").read_text(), (folder / "real").stat().st_mode & 0o777) == (
        TOKEN,
        0o600,
    )


@pytest.mark.parametrize("kind", ["a folder", "below a file", "a loop", "names in the way"])
def test_a_path_for_tokens_that_is_none(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """The error names it, and nothing of ours is left beside it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "token").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    homes = {"a folder": home, "below a file": tmp_path / "file" / "x", "a loop": tmp_path / "loop"}
    path, set_token = store(monkeypatch, homes.get(kind, tmp_path / "good"))
    if kind == "names in the way":  # what is there by that name is left alone
        path.with_name("stored_tokens").mkdir(parents=True)
        set_token()
        assert gp.hub.whoami().name == "alice"
        return
    with pytest.raises(OSError, match=re.escape(str(path.parent))) as raised:
        set_token()
    assert raised.value.errno is not None
    assert ".part" not in str(raised.value)
    assert [one.name for one in home.iterdir() if one.name != "stored_tokens"] == ["token"]
    assert hub.requests


HUGE = 1 << 30


@pytest.mark.parametrize("kind", ["large", "endless", "folder", "binary"])
def test_what_can_be_no_token(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """However large it is, it is not read as a whole, and the error names the file."""
    path = tmp_path / "token"
    if kind == "large":
        with path.open("wb") as file:
            file.truncate(HUGE)
    elif kind == "folder":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(bytes(range(256)))
    elif not (path := Path("/dev/zero")).exists():
        pytest.skip("there is no /dev/zero here")
    monkeypatch.setenv("HF_TOKEN_PATH", str(path))
    for ask in (gp.hub.whoami, lambda: gp.connect("alice/app")):
        with pytest.raises(gp.AuthenticationError, match=rf"{path} can't be read \(.*token=False"):
            ask()
    assert hub.requests == []


HOMELESS: dict[str, dict[str, str]] = {
    "none": {},
    "missing": {"HOME": "/nonexistent/home"},
    "no folder": {"HOME": "/dev/null"},
    "of nobody": {"HF_HOME": "~nobody-of-that-name/hf"},
}


@pytest.mark.parametrize("kind", HOMELESS)
def test_without_a_home_folder(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """As in a container with a user of its own: there is no token, and nowhere to keep one."""

    def find_nobody(*_: object) -> object:
        raise KeyError("no such user")

    if os.name == "posix":
        monkeypatch.setattr("pwd.getpwuid", find_nobody)
    for name in ("HOME", "USERPROFILE", "HOMEPATH", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in HOMELESS[kind].items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    hub.add_space("alice/app")
    serve_app(hub.front, "echo")
    gp.connect("alice/app").close()
    with pytest.raises(gp.AuthenticationError, match="there is none in token=, HF_TOKEN or"):
        gp.hub.whoami()
    assert gp.hub.whoami(token=TOKEN).name == "alice"
    if kind != "missing":  # who may make one there has one then
        with pytest.raises(OSError, match=r"HF_HOME names another|/dev/null"):
            gp.hub.set_token(TOKEN)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    gp.hub.set_token(TOKEN)
    assert gp.hub.whoami().name == "alice"


class Terminal(io.StringIO):
    """Standard input where somebody sits."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what somebody at a terminal answers: texts, or exceptions."""
    given: list[Any] = []

    def ask(prompt: str) -> str:
        assert "not shown" in prompt
        answer = given.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if answer is None:
            warnings.warn("shown", getpass.GetPassWarning, stacklevel=1)
            pytest.fail("somebody typed a token that everybody could see")
        return str(answer)

    monkeypatch.setattr("getpass.getpass", ask)
    monkeypatch.setattr("sys.stdin", Terminal())
    return given


def test_a_token_is_asked_for(hub: StandIn, answers: list[Any]) -> None:
    """Without an argument, of whoever sits there; it is checked as any other."""
    answers += [f" {TOKEN} ", "hf_wrong"]
    assert gp.hub.set_token().name == "alice"
    assert Path(os.environ["HF_HOME"], "token").read_text() == TOKEN
    with pytest.raises(gp.AuthenticationError, match="refused"):
        gp.hub.set_token(None)
    assert sent_to(hub.web) == [f"Bearer {TOKEN}", "Bearer hf_wrong"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [("", "No token"), (" \n", "No token"), (EOFError(), "No token"), (None, "shows what is typ")],
)
def test_no_token_is_given(hub: StandIn, answers: list[Any], answer: Any, said: str) -> None:
    """Nothing is stored; least of all what was seen by everybody."""
    answers.append(answer)
    with pytest.raises(gp.AuthenticationError, match=said) as raised:
        gp.hub.set_token()
    assert raised.value.__context__ is None or raised.value.__suppress_context__
    assert not Path(os.environ["HF_HOME"]).exists()
    assert hub.requests == []


def test_an_interrupted_question(hub: StandIn, answers: list[Any]) -> None:
    answers.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        gp.hub.set_token()
    assert hub.requests == []


@pytest.mark.parametrize("kind", ["none", "closed", "pipe"])
def test_nobody_sits_there(
    hub: StandIn, monkeypatch: pytest.MonkeyPatch, answers: list[Any], kind: str
) -> None:
    """It is an error at once, but in a notebook, which asks in its own way."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stdin", {"none": None, "closed": closed, "pipe": io.StringIO()}[kind])
    with pytest.raises(gp.AuthenticationError, match="no terminal to ask for a token at"):
        gp.hub.set_token()
    assert hub.requests == []
    monkeypatch.setattr("gradioproxy.hub.tokens.in_notebook", lambda: True)
    answers.append(TOKEN)
    assert gp.hub.set_token().name == "alice"
