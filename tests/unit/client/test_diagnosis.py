"""How a diagnosis is shown."""

from __future__ import annotations

import pickle

import pytest

import gradioproxy as gp
from gradioproxy.client.diagnosis import Step

LONG = (
    "found " * 20 + "https://a-very-long-host-name.example.org/with/a/path-that/goes-on-and-on/" * 3
)
STEPS = (
    Step("address", "ok", None, "http://127.0.0.1:7860"),
    Step("connection", "warning", 0.125, LONG, "do this: " + LONG),
    Step("TLS", "failed", 12345.678, "the certificate is refused", 'verify="/path/to/ca.pem"'),
    Step("answer", "skipped", None, ""),
)


def test_a_table() -> None:
    steps = (*STEPS[:1], *STEPS[2:])
    assert str(gp.Diagnosis("http://127.0.0.1:7860", steps)).splitlines() == [
        "http://127.0.0.1:7860: the step 'TLS' failed",
        "ok       address            http://127.0.0.1:7860",
        "failed   TLS      12345.68 s  the certificate is refused",
        '                              -> verify="/path/to/ca.pem"',
        "skipped  answer",
    ]


@pytest.mark.parametrize("width", [1, 20, 33, 60, 61, 80, 200])
def test_it_fits(width: int) -> None:
    """Whatever the texts are, no line is longer, and nothing is lost but what is overlong."""
    shown = gp.Diagnosis("http://127.0.0.1:7860", STEPS).render(width)
    assert max(map(len, shown.splitlines())) <= max(width, 20)
    words = "".join(shown.split())
    for text in (LONG, *(step.name for step in STEPS), 'verify="/path/to/ca.pem"', "12345.68"):
        assert "".join(text.split()) in words.replace("->", "")


def test_eighty_columns_are_the_rule() -> None:
    diagnosis = gp.Diagnosis("http://127.0.0.1:7860", STEPS)
    assert str(diagnosis) == diagnosis.render(80)
    assert max(map(len, str(diagnosis).splitlines())) <= 80


def test_what_a_terminal_obeys_is_taken_out() -> None:
    step = Step("answer", "ok", 0.0, "a\x1b[31mb\nc\u202e", "d\re")
    shown = gp.Diagnosis("http://x\x07y", (step,)).render()
    assert not set(shown) & {"\x1b", "\u202e", "\x07", "\r"}


@pytest.mark.parametrize(
    ("outcomes", "ok", "summary"),
    [
        (("ok", "skipped"), True, "ok"),
        (("ok", "warning"), True, "ok, with 1 warning"),
        (("warning", "warning", "skipped"), True, "ok, with 2 warnings"),
        (("warning", "failed", "skipped"), False, "the step 'name' failed"),
    ],
)
def test_the_outcome(outcomes: tuple[str, ...], ok: bool, summary: str) -> None:
    names = ("address", "name", "connection")
    steps = tuple(
        Step(name, outcome, None, "")  # type: ignore[arg-type]
        for name, outcome in zip(names, outcomes, strict=False)
    )
    diagnosis = gp.Diagnosis("http://host", steps)
    assert diagnosis.ok is ok
    assert repr(diagnosis) == f"<Diagnosis of http://host: {summary}>"
    assert str(diagnosis).startswith(f"http://host: {summary}\n")


def test_it_can_be_kept() -> None:
    """Pickled it is the same, its error included."""
    diagnosis = gp.Diagnosis("http://host", STEPS, gp.ConnectError("refused", url="http://host"))
    again = pickle.loads(pickle.dumps(diagnosis))  # noqa: S301 - made here
    assert again == diagnosis
    assert str(again.error) == "refused"
    assert again.error.url == "http://host"
