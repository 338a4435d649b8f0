"""The call that somebody is typing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy.ipython.call_text import LONGEST, OpenCall, find_open_call


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(", (("f",), None, 0, "", False)),
        ("f(mode=", (("f",), "mode", 0, "", False)),
        ("x = app.f(mode = ", (("app", "f"), "mode", 0, "", False)),
        ("app.f(1, mode='fa", (("app", "f"), "mode", 1, "'fa", False)),
        ('app.f(1, mode="fa st', (("app", "f"), "mode", 1, '"fa st', False)),
        ("app['/f'](mode=fa", (("app", ("/f",)), "mode", 0, "fa", False)),
        ("app[3].submit(", (("app", (3,), "submit"), None, 0, "", False)),
        ("app.functions['a b'](x=", (("app", "functions", ("a b",)), "x", 0, "", False)),
        ("f(g(1, 2), [3, 4], {5: 6}, m=", (("f",), "m", 3, "", False)),
        ("f(g(h=", (("g",), "h", 0, "", False)),
        ("f(many=['r", (("f",), "many", 0, "'r", True)),
        ("f(many=['red', ", (("f",), "many", 0, "", True)),
        ("f([", (("f",), None, 0, "", True)),
        ("f(\n    'a', # a comment, with (\n    mode=", (("f",), "mode", 1, "", False)),
        ("f('''a\n(''', mode=", (("f",), "mode", 1, "", False)),
        ("f('it\\'s', mode=", (("f",), "mode", 1, "", False)),
        ("f(-1", (("f",), None, 0, "-1", False)),
        ("café(größe=", (("café",), "größe", 0, "", False)),
        ("print('('); f(mode=", (("f",), "mode", 0, "", False)),
        ("x = 'broken\nf(mode=", (("f",), "mode", 0, "", False)),
    ],
)
def test_where_the_cursor_is(text: str, expected: tuple[object, ...]) -> None:
    found = find_open_call(text)
    assert found is not None
    assert tuple(found) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "f",
        "f()",
        "f(1)",
        "(",
        "(mode=",
        "[",
        "['a",
        "f[",
        "f({'a': ",
        "f(mode='fast'",
        "f(mode='fast' + ",
        "f(mode=a or ",
        "f(mode=g.x + '",
        "f(x == ",
        "f(x=['a'].index(",
        "g().f(mode=",
        "x[0]().f(",
        "def f(mode=",
        "class F(",
        "f(  # mode=",
        "f(many=x['a",
        "f(many=1 + ['a",
        "[x for x in ['a",
        "f(" * 500 + "[" + "x" * LONGEST,
    ],
)
def test_where_no_value_is_typed(text: str) -> None:
    """Or where it is none that could be completed."""
    found = find_open_call(text)
    assert found is None or found == OpenCall(("index",), None, 0, "", in_list=False)


@given(st.text(alphabet="f.m=('\"[{)]}, \n\\#ab1", max_size=60))
def test_any_text(text: str) -> None:
    """Nothing that is typed is an error; what is found ends where the text does."""
    found = find_open_call(text)
    assert found is None or text.endswith(found.fragment)
