"""What a cassette has in place of what is random or secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradioproxy.testing.cassette import GIVEN_UP, CallEntry
from gradioproxy.testing.normalizing import Normalizer, OriginNames
from gradioproxy.testing.recording import AppRecording
from gradioproxy.transport.credentials import Access
from gradioproxy.transport.redaction import Redactor
from gradioproxy.transport.url import parse_address

URL = "http://127.0.0.1:7860/sub"
SECRET = 'pass "word"/ü'  # noqa: S105 - no real one


def record_call(app: AppRecording, data: list[Any], *results: Any, name: str = "ev3nt000") -> None:
    """Record a call and its end."""
    call = app.add_call(CallEntry("queue", 1, data), app.tick(), name)
    output = {"data": [*results], "duration": 0.1, "average_duration": 0.2}
    message = {"msg": "process_completed", "event_id": name, "output": output, "success": True}
    app.note_message(call, message)


def file(path: str) -> dict[str, Any]:
    """Return what a server sends for a file."""
    return {
        "path": path,
        "url": f"{URL}/gradio_api/file={path}",
        "meta": {"_type": "gradio.FileData"},
    }


def test_places_of_files_are_numbered_in_their_order() -> None:
    """In results and in what is asked for later, quoted or not; those that went up by content."""
    app = AppRecording(URL)
    app.note_upload("/tmp/x/up.txt", "0" * 64, "up.txt")  # noqa: S108 - nothing is there
    record_call(app, [file("/tmp/x/up.txt")], file("/tmp/y/b c.png"), file("/tmp/z/b c.png"))  # noqa: S108
    app.note_answer("GET /sub/gradio_api/file=/tmp/z/b%20c.png", None, {"status": 200})
    written = Normalizer(app).write()
    (call,) = written.calls
    assert call.data[0]["path"] == f"/cassette/upload/{'0' * 64}/up.txt"
    # What is asked for later has its place by them, which is chance.
    (first, second) = call.messages[0]["output"]["data"]
    assert (first["path"], second["path"]) == (
        "/cassette/file/1/b c.png",
        "/cassette/file/2/b c.png",
    )
    assert written.asked[0].request == "GET /sub/gradio_api/file=/cassette/file/2/b%20c.png"
    assert "/tmp" not in json.dumps([call.data, call.messages])  # noqa: S108 - as above


def test_places_of_files_may_have_secrets() -> None:
    """They are named all the same, by what they were; a client quotes what is hidden in one."""
    app = AppRecording(URL)
    access = Access(token="hf_tokenABCDEFGH")  # noqa: S106 - no real one
    app.note_person(Redactor(parse_address(URL), access), "")
    app.note_upload("/srv/x/hf_tokenABCDEFGH.txt", "0" * 64, "hf_tokenABCDEFGH.txt")
    record_call(
        app, [file("/srv/x/hf_tokenABCDEFGH.txt")], file("/srv/y/hf_tokenABCDEFGH"), "%3Csecret%3E"
    )
    app.note_answer("GET /sub/gradio_api/file=/srv/y/hf_tokenABCDEFGH", None, {"status": 200})
    written = Normalizer(app).write()
    (call,) = written.calls
    assert call.data[0]["path"] == f"/cassette/upload/{'0' * 64}/<secret>.txt"
    given, text = call.messages[0]["output"]["data"]
    assert (given["path"], text) == ("/cassette/file/1/<secret>", "<secret>")
    assert written.asked[0].request == "GET /sub/gradio_api/file=/cassette/file/1/<secret>"


def test_messages_before_the_names_of_their_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are part of these, however many calls there were before: only so many wait at once."""
    monkeypatch.setattr("gradioproxy.protocols.states.MAX_EARLY", 2)
    app = AppRecording(URL)
    for number in range(5):
        name = f"ev3nt00{number}"
        app.take_message({"msg": "process_starts", "event_id": name})
        record_call(app, [number], number, name=name)
    kept = [[each["msg"] for each in call.messages] for call in Normalizer(app).write().calls]
    assert kept == [["process_starts", "process_completed"]] * 5


def test_times_and_names_of_calls_are_left_out() -> None:
    """And sessions are numbered, wherever they are named."""
    app = AppRecording(URL)
    redactor = Redactor(parse_address(URL), Access())
    app.note_person(redactor, "s3ss10nhash")
    record_call(app, [], "of s3ss10nhash, ev3nt000 and s3ss10nhashes")
    (call,) = Normalizer(app).write().calls
    assert call.messages == [
        {
            "msg": "process_completed",
            "output": {"data": ["of session-1, event-1 and s3ss10nhashes"]},
            "success": True,
        }
    ]


def test_secrets_are_hidden_however_they_are_written() -> None:
    """In values, in keys, in addresses; quoted, as JSON in a text, in other cases."""
    access = Access(auth=("ann", SECRET), token="hf_tokenABCDEFGH")  # noqa: S106 - no real one
    app = AppRecording(URL)
    app.note_person(Redactor(parse_address(URL), access, lambda: ["cookie-value-1"]), "")
    said = [SECRET, {SECRET: "HF_TOKENABCDEFGH"}, json.dumps(SECRET), "a=cookie-value-1;"]
    record_call(app, said, f"{URL}?x=pass%20%22word%22%2F%C3%BC")
    app.note_answer("GET /x?token=hf_tokenABCDEFGH", {"a": SECRET}, {"status": 200, "json": said})
    written = Normalizer(app).write()
    text = json.dumps([written.asked[0].__dict__, written.calls[0].__dict__], ensure_ascii=False)
    for form in ("word", "hf_token", "HF_TOKEN", "cookie-value"):
        assert form not in text, form
    assert written.calls[0].data[0] == "<secret>"


@pytest.mark.parametrize("order", ["zbac", "abcz"])
def test_calls_are_ordered_by_what_they_are(order: str) -> None:
    """As the order of those that threads begin is another one each time."""
    app = AppRecording(URL)
    for text in order:
        record_call(app, [text], 1, name=f"event-{text}1")
    assert [call.data for call in Normalizer(app).write().calls] == [["a"], ["b"], ["c"], ["z"]]


def test_equal_calls_stay_in_their_order() -> None:
    """Where the server put their files makes them no others, nor that one was given up late."""
    app = AppRecording(URL)
    given_up = app.add_call(CallEntry("queue", 1, ["x"]), app.tick(), "event-z1")
    record_call(app, ["x"], 1, name="event-a1")
    app.end_call(given_up, GIVEN_UP)
    files = [
        {"path": f"/srv/{place}/a.txt", "meta": {"_type": "gradio.FileData"}} for place in "zy"
    ]
    for number, file in enumerate(files):
        record_call(app, [file], number, name=f"event-f{number}")
    calls = Normalizer(app).write().calls
    assert [call.end for call in calls if call.data == ["x"]] == ["given up", ""]
    assert [call.messages[-1]["output"]["data"] for call in calls if call.data != ["x"]] == [
        [0],
        [1],
    ]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("http://127.0.0.1:7860", "cassette://app"),
        ("see http://127.0.0.1:7860/sub/x.", "see cassette://app/sub/x."),
        ("http://127.0.0.1:78601/x", "http://127.0.0.1:78601/x"),
        ("http://127.0.0.1:7860.example.org/", "http://127.0.0.1:7860.example.org/"),
    ],
)
def test_the_origin_of_an_app(text: str, hidden: str) -> None:
    """It is hidden where it is one, and shown again."""
    names = OriginNames(URL)
    assert names.hide(text) == hidden
    assert names.show(hidden) == text


def test_what_is_nested_too_deeply_is_not_kept() -> None:
    """Nobody could read the cassette again; the call ends there."""
    app = AppRecording(URL)
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    record_call(app, ["x"], deep)
    (call,) = Normalizer(app).write().calls
    assert (call.messages, call.end) == ([], "lost")
    app = AppRecording(URL)
    fine: list[Any] = []
    for _ in range(250):
        fine = [fine]
    record_call(app, ["x"], fine)
    (call,) = Normalizer(app).write().calls
    assert call.messages[0]["output"]["data"] == [fine]


def test_what_was_never_posted_is_left_out() -> None:
    """There is nothing by which a call without data could be found again."""
    app = AppRecording(URL)
    app.add_call(CallEntry("queue", None, is_posted=False), app.tick())
    assert Normalizer(app).write().calls == []


def test_values_that_look_like_files() -> None:
    """Data of the caller's stay as they are: else their call would not be found again."""
    app = AppRecording(URL)
    value = {"path": "Ada", "url": "https://example.org/ada"}
    record_call(app, [value], value, "Ada")
    (call,) = Normalizer(app).write().calls
    assert call.data == [value]
    assert call.messages[0]["output"]["data"] == [value, "Ada"]


def test_secrets_in_refusals() -> None:
    """By their names in an address, as in any other answer."""
    app = AppRecording(URL)
    headers = {"Location": "https://example.org/x?access_token=abcdefgh"}
    entry = CallEntry("queue", 1, [], refusal={"status": 307, "headers": headers})
    app.add_call(entry, app.tick())
    (call,) = Normalizer(app).write().calls
    assert "abcdefgh" not in json.dumps(call.refusal)


def test_descriptions_that_are_none() -> None:
    """What a server says of its functions is read as far as it can be."""
    app = AppRecording(URL)
    functions = [{"id": [], "api_name": "odd"}, 5, {"id": 1, "api_name": "echo"}]
    app.note_answer("GET /config", None, {"status": 200, "json": {"dependencies": functions}})
    record_call(app, ["x"], "x")
    (call,) = Normalizer(app).write().calls
    assert call.name == "/echo"


def test_nothing_is_noted_once_it_is_over() -> None:
    """What is still said elsewhere then would change what is being written, and grow for ever."""
    app = AppRecording(URL)
    call = app.add_call(CallEntry("queue", 1, ["x"]), app.tick(), "ev3nt000")
    app.stop()
    app.note_answer("GET /x", None, {"status": 200})
    app.note_upload("/tmp/x", "0" * 64, "x")  # noqa: S108 - nothing is there
    app.add_call(CallEntry("queue", 1, ["y"]), app.tick(), "ev3nt001")
    app.note_message(call, {"msg": "process_starts"})
    app.take_message({"msg": "process_starts", "event_id": "ev3nt000"})
    assert (app.asked, app.uploads, app.calls) == ({}, {}, [call])
    assert call.entry.messages == []
