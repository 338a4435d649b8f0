"""Addresses as people paste them become the one that requests go to, without their secrets."""

from __future__ import annotations

import base64
import copy
import pickle
import traceback
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gradioproxy.errors import NotGradio
from gradioproxy.transport.url import (
    Address,
    is_below,
    is_loopback,
    parse_address,
    parse_space,
    same_origin,
)

LOCAL = "http://127.0.0.1:7860"

hosts = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9](\.[a-z]{2,5}){1,2}", fullmatch=True)
ports = st.none() | st.integers(1, 65535)
segments = st.from_regex(r"[A-Za-z0-9_~-]{1,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("http://127.0.0.1:7860", LOCAL),
        ("http://127.0.0.1:7860/", LOCAL),
        (" http://127.0.0.1:7860/ \n", LOCAL),
        ("127.0.0.1:7860", LOCAL),
        ("127.0.0.1:7860/", LOCAL),
        ("http://127.0.0.1:7860/?__theme=dark", LOCAL),
        ("127.0.0.1:7860?__theme=dark", LOCAL),
        ("http://127.0.0.1:7860/?view=api#top", LOCAL),
        ("http://127.0.0.1:7860/#/", LOCAL),
        ("http://127.0.0.1:7860/gradio_api", LOCAL),
        ("http://127.0.0.1:7860/gradio_api/", LOCAL),
        ("http://127.0.0.1:7860/gradio_api/info", LOCAL),
        ("http://127.0.0.1:7860/gradio_api/info?all_endpoints=True", LOCAL),
        ("http://127.0.0.1:7860/gradio_api/call/predict/0123", LOCAL),
        ("http://127.0.0.1:7860/gradio_api/queue/join?__theme=dark", LOCAL),
        ("http://127.0.0.1:7860//gradio_api/", LOCAL),
        ("http://127.0.0.1:7860/config", LOCAL),
        ("http://127.0.0.1:7860/info", LOCAL),
        ("http://127.0.0.1:7860/run/predict", LOCAL),
        ("http://127.0.0.1:7860/api/predict/", LOCAL),
        ("http://127.0.0.1:7860/queue/join", LOCAL),
        ("localhost", "http://localhost"),
        ("localhost:7860", "http://localhost:7860"),
        ("localhost:7860/sub/", "http://localhost:7860/sub"),
        ("box:7860", "http://box:7860"),
        ("HTTP://Box.Example:7860/Path", "http://box.example:7860/Path"),
        ("http://host:80/", "http://host"),
        ("https://host:443/", "https://host"),
        ("https://host:80", "https://host:80"),
        ("0123456789abcdef.gradio.live", "http://0123456789abcdef.gradio.live"),
        ("https://0123456789abcdef.gradio.live/", "https://0123456789abcdef.gradio.live"),
        ("https://me-app.hf.space/?__theme=light", "https://me-app.hf.space"),
        ("http://[::1]:7860", "http://[::1]:7860"),
        ("[::1]:7860", "http://[::1]:7860"),
        ("http://[2001:DB8::1]/app/", "http://[2001:db8::1]/app"),
        ("http://[fe80::1%25eth0]:7860", "http://[fe80::1%25eth0]:7860"),
        ("http://bücher.example:7860", "http://bücher.example:7860"),
        ("http://host/sub/path/gradio_api/info", "http://host/sub/path"),
        ("http://host/config/app", "http://host/config/app"),
        ("http://host/api", "http://host/api"),
        ("http://host/api/app", "http://host/api/app"),
        ("http://host/call", "http://host/call"),
        ("http://host/my_gradio_api", "http://host/my_gradio_api"),
        ("http://host/gradio_api_2", "http://host/gradio_api_2"),
    ],
)
def test_pasted_address(pasted: str, url: str) -> None:
    """What browsers, servers and the API put around an address is taken off, and nothing else."""
    assert replace(parse_address(pasted), query="") == Address(url)


@pytest.mark.parametrize(
    ("pasted", "query"),
    [
        (f"{LOCAL}", ""),
        (f"{LOCAL}?", ""),
        (f"{LOCAL}/?a=1&__theme=dark#b=2", "a=1&__theme=dark"),
        (f"{LOCAL}/sub/?flag&b=x%20y&c=%C3%BC", "flag=&b=x+y&c=%C3%BC"),
        (f"{LOCAL}/gradio_api/queue/data?session_hash=x", ""),
        (f"{LOCAL}/config?a=1", ""),
    ],
)
def test_the_query_is_kept_and_not_shown(pasted: str, query: str) -> None:
    """As a page's script sends it on; behind a path of the API it is not the page's."""
    address = parse_address(pasted)
    assert address.query == query
    assert not query or query not in repr(address) + address.label + address.source


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "app",
        "owner/space",
        "./folder",
        "~/app.py",
        "me@example.org",
        "http://",
        "http:///path",
        "http:/host",
        "https:host",
        "//host:7860",
        "ftp://host",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ws://host:7860",
        "http://ho st",
        "http://host/a b",
        "http://host:port",
        "http://host:99999",
        "http://[::1",
        "http://[nonsense]",
        "http://host\\@other",
        "http://host/\x00",
        "http://host/\nGET / HTTP/1.1",
        '<a href="http://host">',
        "http://{host}",
    ],
)
def test_no_address(text: str) -> None:
    """What is no address is refused with an example of one, and nothing is asked anywhere."""
    with pytest.raises(
        NotGradio, match=r"is no address of an app\. Pass a URL such as 'http://127"
    ):
        parse_address(text)


@pytest.mark.parametrize(
    ("pasted", "pair"),
    [
        ("http://user:secret@host:7860/", "user:secret"),
        ("user:secret@localhost:7860", "user:secret"),
        ("https://user:se%40cr%2Fet@host", "user:se@cr/et"),
        ("http://user@host", "user:"),
        ("http://:secret@host", ":secret"),
        ("http://us:er:secret@host", "us:er:secret"),
        ("http://üser:sécret@host", "üser:sécret"),
    ],
)
def test_user_becomes_basic(pasted: str, pair: str) -> None:
    """A user in an address becomes the header that it stands for."""
    address = parse_address(pasted)

    assert address.basic == f"Basic {base64.b64encode(pair.encode()).decode()}"
    assert "@" not in address.url


@pytest.mark.parametrize("pasted", ["http://@host", "http://:@host", "http://host"])
def test_no_user(pasted: str) -> None:
    """An empty user is none."""
    assert parse_address(pasted) == Address("http://host", None)


def test_password_is_never_shown_again() -> None:
    """No attribute that people see and no text of an address has the password."""
    address = parse_address("http://user:secret@host:7860/sub?x=1")

    shown = [repr(address), str(address), address.url, address.origin, address.label]
    assert not any("secret" in text or "user" in text for text in shown)
    assert address.join("/config") == "http://host:7860/sub/config"
    assert address.origin == "http://host:7860"
    assert address.label == "host:7860/sub"


@pytest.mark.parametrize(
    "pasted",
    [
        "http://user:secret@ho st",
        "http://user:sec/ret@host:x",
        "http://user:sec ret@host",
        "http://user:sec@ret@host:99999",
        "http://user:sec?ret@ho\\st",
        "user:secret@ho st:7860",
        "user:sec#ret@host",
    ],
)
def test_password_is_not_in_the_error(pasted: str) -> None:
    """An address that is refused is shown without what may be a password."""
    with pytest.raises(NotGradio) as raised:
        parse_address(pasted)

    text = "".join(traceback.format_exception(raised.value, chain=True))
    said = text[text.index("NotGradio:") :] + raised.value.report()
    assert "sec" not in said
    assert "user" not in said


@pytest.mark.parametrize(
    "pasted",
    [
        "http://user:12/secret@host",
        "https://user:8080/secret@example.com/app",
        "http://user:/secret@host",
        "http://us/er:secret@host",
        "user:12/secret@localhost",
    ],
)
def test_a_password_with_a_slash_is_no_path(pasted: str) -> None:
    """And the error says how it is written, and does not show it."""
    with pytest.raises(NotGradio) as caught:
        parse_address(pasted)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "pasted", ["https://host/@alice/app", "https://host/a@b:c", "http://host:7860/%40alice"]
)
def test_an_at_can_stand_in_a_path(pasted: str) -> None:
    assert parse_address(pasted).url == pasted


def test_an_address_is_copied_with_its_user() -> None:
    """Copies inside of the process go on working."""
    address = parse_address("http://user:secret@host")

    assert copy.deepcopy(address) == address
    assert pickle.loads(pickle.dumps(address)) == address  # noqa: S301 - made here


@given(hosts, ports, st.lists(segments, max_size=3), st.sampled_from(["http", "https"]))
def test_address_is_stable(host: str, port: int | None, path: list[str], scheme: str) -> None:
    """A parsed address parses to itself, and keeps scheme, host, port and path."""
    place = "".join(f"/{part}" for part in path)
    address = parse_address(f"{scheme}://{host}{f':{port}' if port else ''}{place}")

    assert parse_address(address.url) == address
    assert address.url.startswith(f"{scheme}://{host}")
    if not {"config", "info", "gradio_api", "call", "run", "api", "queue"} & set(path):
        assert address.url.endswith(place)


@given(st.text() | st.text().map("http://{}".format) | st.text().map("http://host/{}".format))
@example("http://\u2100.example")
@example("http://host:٣")
@example("[::]:")
def test_no_text_does_worse_than_not_gradio(text: str) -> None:
    """Whatever is pasted: an address without anything that could end it, or `NotGradio`."""
    try:
        address = parse_address(text)
    except NotGradio as error:
        address, said = None, str(error)
    if address is None:
        assert said.isprintable()
        return
    assert not set(address.url) & set(' \t\r\n"<>\\^`{|}?#')
    assert "@" not in address.origin
    assert address.url.startswith(("http://", "https://"))
    assert not address.url.endswith("/")


@given(hosts, st.text(st.characters(exclude_categories=["Cs"]), min_size=8))
@example("a0.aa", "0000000/")
def test_no_password_is_kept_in_the_open(host: str, password: str) -> None:
    """Whatever the password, quoted or not: neither the address nor the error shows it."""
    try:
        shown = repr(parse_address(f"http://{password}:{password}@{host}"))
    except NotGradio as error:
        shown = str(error)
    assert password not in shown.replace(host, "")


@pytest.mark.parametrize(
    ("url", "origin", "expected"),
    [
        ("http://host/x", "http://host", True),
        ("http://HOST/x", "http://host", True),
        ("http://host:80/x", "http://host", True),
        ("http://host:7860/x?y", "http://host:7860", True),
        ("https://host/x", "https://host:443", True),
        ("https://host/x", "http://host", True),
        ("http://host/x", "https://host", False),
        ("https://host:7860/x", "http://host:7860", False),
        ("https://host:8443/x", "http://host", False),
        ("https://host/x", "http://host:8080", False),
        ("http://host:7861/x", "http://host:7860", False),
        ("http://host.evil/x", "http://host", False),
        ("http://sub.host/x", "http://host", False),
        ("http://127.0.0.1/x", "http://localhost", False),
        ("http://host@evil/x", "http://host", False),
        ("http://evil/http://host", "http://host", False),
        ("file://host/x", "http://host", False),
        ("/x", "http://host", False),
        ("", "http://host", False),
    ],
)
def test_same_origin(url: str, origin: str, expected: bool) -> None:
    """One origin is scheme, host and port; only the step up to https on the usual ports is none."""
    assert same_origin(url, origin) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://host/alice", True),
        ("http://HOST:80/alice/x?y=/../z#/..", True),
        ("https://host/alice/x", True),
        ("http://host/alice/./x/../y", True),
        ("http://host/mallory/../alice", True),
        ("http://host/alice/file=/srv/a..b/.c/...", True),
        ("http://host/alice/100%25/x%2Fy", True),
        ("http://host/alice/%FF", True),
        ("http://host", False),
        ("http://host/alicex", False),
        ("http://host/Alice", False),
        ("http://host/alice%2Fx", False),
        ("http://host/alice?/x", True),
        ("http://host:81/alice", False),
        ("http://other/alice", False),
        ("http://host/alice/../mallory", False),
        ("http://host/alice/x/../../mallory", False),
        ("http://host/alice/%2e%2e/mallory", False),
        ("http://host/alice/.%2E/mallory", False),
        ("http://host/alice/%2e/x", False),
        ("http://host/alice/..%2fmallory", False),
        ("http://host/alice/..%5Cmallory", False),
        ("http://host/alice/..\\mallory", False),
        ("http://host/alice/..;x/mallory", False),
        ("http://host/alice/%252e%252e/mallory", False),
        ("http://host/alice/%" + "25" * 9 + "41", False),
        ("http://host/alice/%" + "25" * 100_000 + "41", False),
    ],
)
def test_is_below(url: str, *, expected: bool) -> None:
    """However it is written, and whoever reads it."""
    assert is_below(url, "http://host/alice") is expected
    assert is_below(url, "http://host/alice/") is expected


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("owner/space", "owner/space"),
        ("Owner_1/a.b-c_d", "Owner_1/a.b-c_d"),
        ("https://huggingface.co/spaces/a/b", "a/b"),
        ("http://www.huggingface.co/spaces/a/b?x#y", "a/b"),
        ("https://user:pw@huggingface.co/spaces/a/b/blob/main/app.py", "a/b"),
        ("hf.co/spaces/a/b", "a/b"),
        ("https://hub.test:8080/hub/spaces/a/b", "a/b"),
        ("https://hub.test:8080/spaces/a/b", "a/b"),
        ("https://hub.test/spaces/a/b", None),
        ("https://huggingface.co.example.org/spaces/a/b", None),
        ("https://huggingface.co@example.org/spaces/a/b", None),
        ("https://example.org/https://huggingface.co/spaces/a/b", None),
        ("https://huggingface.co/a/b", None),
        ("https://huggingface.co/spaces/a", None),
        ("https://huggingface.co/spaces/a/..", None),
        ("https://huggingface.co/models/a/b", None),
        ("https://a-b.hf.space", None),
        ("example.org/app", None),
        ("localhost/app", None),
        ("host:7860/app", None),
        ("./app", None),
        ("~/app", None),
        ("a/b/c", None),
        ("a/-b", None),
        ("a/b.", None),
        ("a--b/c", None),
        ("a/b..c", None),
        ("ä/b", None),
        ("a/b\u202e", None),
        (f"a/{'b' * 97}", None),
        ("https://[", None),
    ],
)
def test_what_names_a_space(text: str, space: str | None) -> None:
    """A Space is named by owner and name, or by its page at the Hub, and by nothing like it."""
    assert parse_space(text, "https://hub.test:8080/hub") == space


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.255.0.1", True),
        ("http://[::1]:1/x", True),
        ("http://localhost:1", True),
        ("http://localhost.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("http://127.0.0.1@example.org", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("", False),
    ],
)
def test_what_stays_on_this_machine(url: str, loopback: bool) -> None:
    """Only this machine's own addresses are its own, and not what looks like them."""
    assert is_loopback(url) is loopback
