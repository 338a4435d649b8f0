"""Whatever is changed in a real description, nothing but our own errors comes of it."""

from __future__ import annotations

import contextlib
import inspect
import random
from typing import TYPE_CHECKING, Any

import pytest

from gradioproxy.errors import GradioProxyError
from gradioproxy.files.file import File
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.http import Transport
from gradioproxy.transport.url import Address
from gradioproxy.values.decode import Decoder
from tests.support.app_documents import connection_to, functions_of
from tests.support.mutations import mutate, read_descriptions

if TYPE_CHECKING:
    from pathlib import Path

VALUES: list[Any] = [
    *(None, True, 1, 1.5, "text", b"bytes", [1], ["a", "b"], [[1, 2]], {"path": "x"}),
    {"text": "a", "files": ["x"]},
]
SEEDS = 25
TRANSPORT = Transport(Address("http://app.test"), Access())


def look_at(function: Any) -> None:
    """Do with a function what people do before they call it, and as far as it goes without."""
    parameters = inspect.signature(function).parameters
    inspect.getsource(function)
    function.tool_schema()
    for value in VALUES:
        with contextlib.suppress(GradioProxyError):
            function.check(*([value] * len(parameters)))
    endpoint = function.endpoint
    if endpoint.contradiction:
        return  # it is never called
    decoder = Decoder(endpoint, None, lambda raw: File(raw, TRANSPORT))
    for value in VALUES:
        with contextlib.suppress(GradioProxyError):
            decoder.decode((value,) * endpoint.outputs)


def try_seed(seed: int, descriptions: list[tuple[str, Any, Any]]) -> None:
    """Change a real description by a seed, and try its first functions."""
    chosen = random.Random(seed)  # noqa: S311 - no secret
    _, config, info = chosen.choice(descriptions)
    changes, where = chosen.choice([1, 1, 2, 5]), chosen.random()
    if where < 0.6:
        config = mutate(config, chosen, changes)
    if where > 0.4 and info is not None:
        info = mutate(info, chosen, changes)
    try:
        for function in functions_of(connection_to(config, info), 4):
            look_at(function)
    except GradioProxyError:
        pass
    except Exception as error:
        raise AssertionError(f"seed {seed}") from error


@pytest.fixture(scope="module")
def descriptions(request: pytest.FixtureRequest) -> list[tuple[str, Any, Any]]:
    infos: Path = request.getfixturevalue("infos")
    return list(read_descriptions(infos))


@pytest.mark.parametrize("first", range(0, 40 * SEEDS, SEEDS))
def test_changed_descriptions(descriptions: list[tuple[str, Any, Any]], first: int) -> None:
    for seed in range(first, first + SEEDS):
        try_seed(seed, descriptions)
