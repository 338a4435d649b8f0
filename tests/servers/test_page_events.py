"""What functions of real apps get besides their arguments: events of the page, a caller's token."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

import gradioproxy as gp
from gradioproxy.cli.root import run
from tests.support.processes import call_officially
from tests.support.versions import release_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.gradio.running import RunningServers

EVENT = {"index": [0, 1], "value": "ell"}
SEEN = {**EVENT, "target": "Text", "said": "Hello"}
LAST = {"queued": SEEN, "direct": SEEN, "yielding": {**SEEN, "said": "HELLO"}}
EVENTS = pytest.mark.since("3.21", "before 3.21 no function takes what an event brings")


@pytest.fixture
def app(gradio: RunningServers, version: str) -> Iterator[gp.Session]:
    """Give a session with an app whose functions take events."""
    with gp.connect(gradio(version, "events").url) as session:
        yield session


def number_of(app: gp.Session, label: str) -> int:
    """Return the number of the component with a label."""
    components: Any = app.config["components"]
    number: int = next(each["id"] for each in components if each["props"].get("label") == label)
    return number


@EVENTS
@pytest.mark.parametrize("name", ["queued", "direct", "yielding"])
def test_every_way_brings_it(app: gp.Session, name: str) -> None:
    """In the queue, past it, and for a generator; of the session's calls, and of one function's."""
    function, last = app[name].with_options(event_data=EVENT), LAST[name]
    other = function.with_options(event_data={"index": 1, "value": "x"})
    assert json.loads(other("Hello")) == {**last, "index": 1, "value": "x"}
    assert json.loads(function("Hello")) == last
    assert json.loads(app.with_options(event_data=EVENT)[name]("Hello")) == last
    assert json.loads(function.submit("Hello").result(60)) == last
    first, *_ = function.stream("Hello")
    assert json.loads(first) == SEEN
    assert [json.loads(each) for each in function.map(["Hello"] * 3)] == [last] * 3


@EVENTS
def test_a_cell(app: gp.Session) -> None:
    """A function that takes nothing else."""
    cell = app.cell.with_options(event_data={"index": [3, 1], "value": 2.5})
    assert json.loads(cell()) == {"index": [3, 1], "value": 2.5, "target": "Table"}


@EVENTS
def test_from_a_shell(app: gp.Session, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What happened is an option of a command."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps(EVENT))
    words = ["call", app.url, "/queued", "Hello", "--event-data", f"@{event}"]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out) == SEEN
    if release_of(app.version) >= (4, 3):
        assert run([*words, "--trigger-id", str(number_of(app, "Other"))]) == 0
        assert json.loads(capsys.readouterr().out)["target"] == "Other"


@pytest.mark.since("4.3", "before 4.3 the component is always the first that calls the function")
@pytest.mark.parametrize("name", ["queued", "direct", "yielding"])
def test_another_component(app: gp.Session, name: str) -> None:
    """The event can be another component's."""
    other = app[name].with_options(event_data=EVENT, trigger_id=number_of(app, "Other"))
    assert json.loads(other("Hello"))["target"] == "Other"
    assert other.check("Hello").trigger_id == number_of(app, "Other")


@EVENTS
def test_a_call_without_it(app: gp.Session) -> None:
    """The docstring says that it is needed, and so does the error."""
    assert "``select`` of the textbox" in " ".join((app.queued.__doc__ or "").split())
    assert "with_options(event_data=event)" in (app.queued.__doc__ or "")
    assert "event_data" not in (app.shout.__doc__ or "")
    with pytest.raises(gp.AppError, match=r"queued\(\) takes what an event .*event_data="):
        app.queued("Hello")


@EVENTS
def test_the_example_of_the_docstring(app: gp.Session) -> None:
    """It can be pasted."""
    lines = [line.strip() for line in (app.cell.__doc__ or "").splitlines()]
    source = "\n".join(line[4:] for line in lines if line.startswith(">>> "))
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - as somebody does who pastes it
    seen = json.loads(names["result"])
    assert seen == {"index": [0, 0], "value": "Hello", "target": "Table"}
    names["app"].close()


@EVENTS
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("name", ["queued", "direct"])
def test_the_plan_and_its_lines(app: gp.Session, name: str) -> None:
    """What is shown of a call that is not made brings it too."""
    shell = shutil.which("bash") or "bash"
    plan = app[name].with_options(event_data=EVENT).check("Hello")
    assert plan.event_data == EVENT
    assert "event data: {'index': [0, 1], 'value': 'ell'}" in str(plan)
    ran = subprocess.run([shell], input=plan.curl, capture_output=True, text=True, check=True)
    (said,) = json.loads(ran.stdout)["data"]
    assert json.loads(said) == SEEN


def test_what_a_version_does_not_take(app: gp.Session, version: str) -> None:
    """It is an error here, where the app would ignore it."""
    release = release_of(version)
    function = app.shout.with_options(event_data=EVENT)
    if release < (3, 21):
        with pytest.raises(gp.ArgumentError, match=r"event_data: .*Gradio 3\.21 .*has 3\.16\.2"):
            function("Hello")
    else:
        assert function("Hello") == "HELLO"
    function = app.shout.with_options(trigger_id=number_of(app, "Text"))
    if release < (4, 3):
        with pytest.raises(gp.ArgumentError, match=r"Gradio (3\.21|4\.3) or later"):
            function.check("Hello")
    else:
        assert function("Hello") == "HELLO"


def test_functions_that_the_app_does_not_show(app: gp.Session, version: str) -> None:
    """They are listed nowhere, and called by their names; before 4.12 no app can hide one."""
    hidden = {"/unlisted"} if release_of(version) >= (4, 12) else set()
    assert hidden.isdisjoint(app)
    assert "/unlisted" in {*app, *hidden}
    names = ["unlisted", "private"] if release_of(version) >= (6,) else ["unlisted"]
    for name in names:
        function = app[name]
        assert function is app[f"/{name}"]
        assert function("x") == "X"
        assert [update.data for update in gp.send(app, f"/{name}", ["x"])] == [["X"]]
        (parameter,) = function.endpoint.parameters
        assert (parameter.label, parameter.kind) == ("Text", "textbox")
    assert "/private" not in app


@pytest.mark.since("6.31", "in the versions before it no function looks at its components")
def test_functions_that_look_at_a_component(app: gp.Session, tmp_path: Path) -> None:
    """They get what the page sends: its properties, with the value among them."""
    path = tmp_path / "a.txt"
    path.write_text("content")
    assert app.framed("Hello", "you") == "Text: Hello you"
    assert app.filed(path) == "File: content"
    assert app.pressed() == "stop: framed"
    plan = app.framed.check("Hello", "you")
    assert (plan.data[0]["value"], plan.data[0]["label"], plan.data[1]) == ("Hello", "Text", "you")
    assert app.framed.with_options(event_data={})("Hello", "you") == "Text: Hello you"


TOKEN = "hf_ofthecaller"  # noqa: S105 - of nobody
SINCE_TOKENS = pytest.mark.since("6.21", "before 6.21 a token comes from the page's login alone")


@SINCE_TOKENS
def test_a_token_to_act_for_the_caller(app: gp.Session, tmp_path: Path, version: str) -> None:
    """In the queue, past it, and for a generator: what functions get of the official client."""
    names = ["/acts", "/acts_directly", "/may_act"]
    theirs = call_officially(
        version, app.url, [[name, "Ada"] for name in names], tmp_path, oauth_token=TOKEN
    )
    mine = [app.with_options(oauth_token=TOKEN)[name]("Ada") for name in names]
    assert mine == theirs == [f"Ada {TOKEN}"] * 3
    with gp.connect(app.url, oauth_token=TOKEN) as other:
        assert [other[name]("Ada") for name in names] == theirs
        assert [update.data for update in gp.send(other, "/acts", ["Ada"])][-1] == [theirs[0]]
    assert app.may_act("Ada") == "Ada nobody"


@SINCE_TOKENS
@pytest.mark.parametrize("name", ["acts", "acts_directly"])
def test_a_call_without_a_token(app: gp.Session, name: str) -> None:
    """The app's own error, and what helps."""
    with pytest.raises(gp.AppError, match=r"logged in.*needs a Hugging Face token .*oauth_token="):
        app[name]("Ada")
