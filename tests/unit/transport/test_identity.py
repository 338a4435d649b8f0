"""Who answers is told from who described the app, by as few questions as possible."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradioproxy.errors import ServerError
from gradioproxy.schema.parse import parse_app
from gradioproxy.transport.identity import Restarted, ServerIdentity
from gradioproxy.transport.response import Answer

FUNCTION = {"id": 0, "api_name": "f", "inputs": [], "outputs": []}
ID, CONFIG = "/app_id", "/config"


class Script:
    """A server that gives its answers in order, the last one again and again."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = {f"/{path}": list(found) for path, found in answers.items()}
        self.asked: list[str] = []

    def get(self, path: str) -> Answer:
        """Answer with a status, or with JSON."""
        self.asked.append(path)
        found = self.answers[path]
        said = found.pop(0) if len(found) > 1 else found[0]
        status, body = (said, "") if isinstance(said, int) else (200, said)
        return Answer(status, json.dumps(body).encode(), path)


def app_of(**facts: Any) -> Any:
    """Return the description of an app with one function."""
    return parse_app({"dependencies": [FUNCTION], **facts})


def config_of(*functions: Any) -> Any:
    """Return what a server says of itself."""
    return {"dependencies": list(functions)}


@pytest.mark.parametrize(
    ("facts", "ids", "configs", "error", "asked"),
    [
        ({"app_id": 1}, [{"app_id": 1}], [], None, [ID]),
        ({"app_id": 1}, [{"app_id": 2}], [], Restarted, [ID]),
        ({"app_id": 1}, [500, {"app_id": 1}], [], None, [ID, ID]),
        ({"app_id": 1}, [500, {"app_id": 2}], [], Restarted, [ID, ID]),
        ({"app_id": 1}, [500], [], ServerError, [ID, ID]),
        ({"app_id": 1}, [404], [], None, [ID]),
        ({"app_id": 1}, [["no", "id"]], [], None, [ID]),
        ({}, [{"app_id": 2}], [config_of(FUNCTION)], None, [ID, CONFIG]),
        ({}, [{"app_id": 2}], [config_of()], Restarted, [ID, CONFIG]),
        ({}, [404], [config_of(FUNCTION)], None, [ID, CONFIG]),
        ({}, [404], [404], None, [ID, CONFIG]),
    ],
)
def test_who_answers(
    facts: Any, ids: list[Any], configs: list[Any], error: Any, asked: list[str]
) -> None:
    """A number that differs, or other functions, are another server; what says nothing is not."""
    server, identity = Script(app_id=ids, config=configs), ServerIdentity()
    if error is None:
        identity.confirm(app_of(**facts), server.get)
    else:
        with pytest.raises(error):
            identity.confirm(app_of(**facts), server.get)
    assert server.asked == asked


def test_an_app_without_a_number_has_that_of_its_first_server() -> None:
    """From then on one question will do."""
    app, identity = app_of(), ServerIdentity()
    server = Script(app_id=[{"app_id": 1}, {"app_id": 1}, {"app_id": 2}], config=[404])
    identity.confirm(app, server.get)
    identity.confirm(app, server.get)
    with pytest.raises(Restarted):
        identity.confirm(app, server.get)
    assert server.asked == [ID, CONFIG, ID, ID]


def test_what_a_connection_has_to_be_verified_for() -> None:
    """It is another thing for each description, and after each failure."""
    identity, app = ServerIdentity(), app_of()
    before = identity.requirement(app)
    assert identity.requirement(app) == before != identity.requirement(app_of())
    identity.count_failure()
    assert identity.requirement(app) != before


def test_where_no_connection_outlives_an_answer_none_is_required() -> None:
    """Once may be chance; from the second time on it is the rule, until one does."""
    identity, app = ServerIdentity(), app_of(app_id=1)
    server = Script(app_id=[{"app_id": 1}])  # its answers came over no connection
    assert identity.confirm(app, server.get) == identity.requirement(app)
    assert identity.confirm(app, server.get) is None
    assert identity.confirm(app, server.get) is None
