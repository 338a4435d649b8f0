"""Every exception of the libraries below becomes one of ours, and the right one."""

from __future__ import annotations

import contextlib
import http.client
import inspect
import socket
import types
from typing import Any

import pytest
import requests
import requests.exceptions
import urllib3
import urllib3.exceptions
import websocket

from gradioproxy.errors import ConnectError, ConnectionLost, GradioProxyError, ServerError, Timeout
from gradioproxy.transport.exceptions import translate_error
from gradioproxy.transport.in_flight import InFlight
from gradioproxy.transport.text_socket import TextSocket


def exceptions_of(module: Any) -> list[type[Exception]]:
    """Return the exception classes that a module has."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Exception)
        and not issubclass(value, Warning)
    ]


def made(kind: type[Exception]) -> Exception:
    """Make an exception, whatever its constructor takes."""
    attempts: list[tuple[Any, ...]] = [
        ("the reason",),
        ("the reason", "doc", 0),
        (None, "the reason"),
        (None, "url", "the reason"),
        (10, 20),
        (types.SimpleNamespace(tell=int, length_remaining=0), b"12"),
        ("host", None, socket.gaierror("the reason")),
    ]
    for arguments in attempts:
        with contextlib.suppress(TypeError, AttributeError):
            error = kind(*arguments)
            str(error)
            return error
    raise AssertionError(kind)


NEVER_REACHED = {
    requests.exceptions: {
        "ProxyError",
        "ConnectTimeout",
        "URLRequired",
        "MissingSchema",
        "InvalidSchema",
        "InvalidURL",
        "InvalidHeader",
        "InvalidProxyURL",
    },
    urllib3.exceptions: {
        "ProxyError",
        "ConnectTimeoutError",
        "NewConnectionError",
        "NameResolutionError",
        "LocationValueError",
        "LocationParseError",
        "URLSchemeUnknown",
        "ProxySchemeUnknown",
    },
    http.client: set(),
}
TIMEOUTS = {
    requests.exceptions: {"Timeout", "ReadTimeout"},
    urllib3.exceptions: {"TimeoutError", "ReadTimeoutError"},
    http.client: set(),
}


@pytest.mark.parametrize("module", [requests.exceptions, urllib3.exceptions, http.client])
def test_every_exception_of_the_libraries_becomes_one_of_ours(module: Any) -> None:
    """Bare or wrapped as the libraries do: only what was never sent is a `ConnectError`."""
    kinds = exceptions_of(module)
    assert len(kinds) > 10
    for kind in kinds:
        name = kind.__name__
        expected: type[GradioProxyError] = ConnectionLost
        if name in NEVER_REACHED[module]:
            expected = ConnectError
        elif name in TIMEOUTS[module]:
            expected = Timeout
        for error in (made(kind), requests.exceptions.ConnectionError(made(kind))):
            found = translate_error(error, "http://host/x?secret", "idle_timeout")
            assert type(found) is expected, (name, found)
            assert "secret" not in str(found)
            assert found.report()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), ConnectionLost),
        (BrokenPipeError(32, "Broken pipe"), ConnectionLost),
        (TimeoutError("timed out"), Timeout),
        (OSError("Could not find a suitable TLS CA certificate bundle"), ConnectError),
        (OSError(5, "Input/output error"), ConnectionLost),
        (RecursionError("too deep"), ConnectionLost),
        (ServerError("ours"), ServerError),
    ],
)
def test_other_exceptions_become_ours(error: Exception, expected: type[Exception]) -> None:
    """What the system or anybody else raises becomes one of ours as well."""
    found = translate_error(error, "http://host/x", "timeout")

    assert type(found) is expected
    assert isinstance(found, GradioProxyError)


def test_nested_reasons_are_said_once_and_innermost_first() -> None:
    """Of exceptions within exceptions the one is quoted that a person understands."""
    inner = ConnectionResetError(104, "Connection reset by peer")
    error = requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("Connection aborted.", inner)
    )
    error.args[0].args += (error,)

    assert str(translate_error(error, "http://host/x?y", "timeout")) == (
        "The connection to http://host/x broke (Connection reset by peer)."
    )


class _Raising:
    """Stands for a websocket of the library, at the moment in which it raises."""

    sock = None

    def __init__(self, error: Exception) -> None:
        self.error = error

    def recv_data(self) -> tuple[int, bytes]:
        raise self.error

    def send(self, _: str) -> None:
        raise self.error

    def shutdown(self) -> None:
        raise self.error


def test_every_exception_of_websockets_becomes_one_of_ours() -> None:
    """While a websocket is open, every exception of its library is a lost connection."""
    kinds = exceptions_of(websocket._exceptions)
    assert len(kinds) > 5
    for kind in [*kinds, ConnectionResetError, BrokenPipeError, TimeoutError]:
        fake: Any = _Raising(made(kind))
        stream = TextSocket(fake, "ws://host", InFlight())
        with pytest.raises(ConnectionLost):
            next(iter(stream))
        with pytest.raises(ConnectionLost):
            stream.send("x")
        stream.close()


def test_nothing_holds_what_was_translated() -> None:
    """Neither a library's exception nor one of ours that it wraps knows who sent the request."""
    own = ServerError("refused")
    try:
        try:
            try:
                raise own
            except ServerError as error:
                raise urllib3.exceptions.ProtocolError("broken", error) from error
        except urllib3.exceptions.ProtocolError as error:
            raise requests.exceptions.ConnectionError(error) from error
    except requests.exceptions.ConnectionError as error:
        wrapper, inner = error, error.args[0]

    assert translate_error(wrapper, "http://app.test", "timeout") is own
    for each in (own, inner, wrapper):
        assert (each.__traceback__, each.__cause__, each.__context__) == (None, None, None)
