"""Docstrings read like written ones, and can be read back in every style."""

from __future__ import annotations

import doctest
import inspect
import re
import sys
import textwrap
from typing import TYPE_CHECKING, get_args

import docstring_parser
import pytest
from docstring_parser import Docstring, DocstringStyle
from hypothesis import given
from hypothesis import strategies as st

from gradioproxy import options
from gradioproxy.functions.docstring import _shorten_annotation, compose_docstring
from gradioproxy.functions.help_text import parameter_text, result_text
from gradioproxy.functions.naming import field_names, parameter_names
from gradioproxy.schema.endpoint import Choice, Trigger
from gradioproxy.schema.shape import FILE, NULL, NUMBER, TEXT, Array, Union
from tests.support.schemas import (
    HOSTILE,
    docstring_of,
    endpoint,
    endpoints,
    hints_of,
    parameter,
    read_endpoints,
    result,
    texts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gradioproxy.schema.endpoint import Endpoint

STYLES: dict[options.DocstringStyle, DocstringStyle] = {
    "google": DocstringStyle.GOOGLE,
    "numpydoc": DocstringStyle.NUMPYDOC,
    "rest": DocstringStyle.REST,
    "epydoc": DocstringStyle.EPYDOC,
}
styles = pytest.mark.parametrize("style", STYLES)

DIFFUSE = endpoint(
    [
        parameter("Prompt"),
        parameter(
            "Number of steps",
            NUMBER,
            declared_name="steps",
            component="Slider",
            properties={"minimum": 1, "maximum": 50, "step": 1},
            help="More take longer",
            has_default=True,
            default=20,
        ),
        parameter(
            "Style",
            declared_name="style",
            component="Radio",
            choices=(Choice("a", "Anime"), Choice("p", "Photo")),
            closed_choices=True,
            has_default=True,
            default="p",
        ),
        parameter("Start from", FILE, declared_name="image", component="Image", has_default=True),
    ],
    [result("Generated image", FILE, "Image"), result("Seed", NUMBER, "Number")],
    name="/diffuse",
    description=(
        "Paint what a prompt says. It takes about a second for each step, and longer while other "
        "people paint.\n\nTwo things to know:\n\n- the first call loads the model\n- a seed is "
        "drawn for each call, and is the second of the two values that come back"
    ),
    generator=True,
)

GOOGLE = """
Paint what a prompt says.

It takes about a second for each step, and longer while other people paint.

Two things to know:

- the first call loads the model
- a seed is drawn for each call, and is the second of the two values that
  come back

Args:
    Prompt (str): A textbox.
    steps (float, optional): Number of steps, a slider from 1 to 50 in steps
        of 1. More take longer. Defaults to 20.
    style (str, optional): Radio buttons: 'a' (Anime) or 'p' (Photo).
        Defaults to 'p'.
    image (FileLike | None, optional): Start from, an image. Defaults to
        None.

Returns:
    DiffuseResult: A named tuple of two values:
        Generated_image (File): An image.
        Seed (float): A number.

Yields:
    DiffuseResult: Each partial result as it comes, when called as
        ``diffuse.stream(...)``.

Raises:
    AppError: The app's own function failed.
    ArgumentError: An argument isn't what its parameter takes.
    MissingFile: A file isn't there, or can't be read.

Example:
    >>> result = app.diffuse(Prompt='Hello', steps=20, style='p')
"""

NUMPYDOC = """
Paint what a prompt says.

It takes about a second for each step, and longer while other people paint.

Two things to know:

- the first call loads the model
- a seed is drawn for each call, and is the second of the two values that
  come back

Parameters
----------
Prompt : str
    A textbox.
steps : float, optional
    Number of steps, a slider from 1 to 50 in steps of 1. More take longer.
    Defaults to 20.
style : str, optional
    Radio buttons: 'a' (Anime) or 'p' (Photo). Defaults to 'p'.
image : FileLike | None, optional
    Start from, an image. Defaults to None.

Returns
-------
DiffuseResult
    A named tuple of two values:
    Generated_image (File): An image.
    Seed (float): A number.

Yields
------
DiffuseResult
    Each partial result as it comes, when called as ``diffuse.stream(...)``.

Raises
------
AppError
    The app's own function failed.
ArgumentError
    An argument isn't what its parameter takes.
MissingFile
    A file isn't there, or can't be read.

Examples
--------
>>> result = app.diffuse(Prompt='Hello', steps=20, style='p')
"""

REST = """
:param Prompt: A textbox.
:type Prompt: str
:param steps: Number of steps, a slider from 1 to 50 in steps of 1. More
    take longer. Defaults to 20.
:type steps: float
:param style: Radio buttons: 'a' (Anime) or 'p' (Photo). Defaults to 'p'.
:type style: str
:param image: Start from, an image. Defaults to None.
:type image: FileLike | None
:returns: A named tuple of two values:
    Generated_image (File): An image.
    Seed (float): A number.
:rtype: DiffuseResult
:yields: Each partial result as it comes, when called as
    ``diffuse.stream(...)``.
:raises AppError: The app's own function failed.
:raises ArgumentError: An argument isn't what its parameter takes.
:raises MissingFile: A file isn't there, or can't be read.
:example:
    >>> result = app.diffuse(Prompt='Hello', steps=20, style='p')
"""

EPYDOC = """
@type Prompt: str
@param Prompt: A textbox.
@type steps: float
@param steps: Number of steps, a slider from 1 to 50 in steps of 1. More
    take longer. Defaults to 20.
@type style: str
@param style: Radio buttons: 'a' (Anime) or 'p' (Photo). Defaults to 'p'.
@type image: FileLike | None
@param image: Start from, an image. Defaults to None.
@rtype: DiffuseResult
@return: A named tuple of two values:
    Generated_image (File): An image.
    Seed (float): A number.
    Each partial result as it comes, when called as ``diffuse.stream(...)``.
@raise AppError: The app's own function failed.
@raise ArgumentError: An argument isn't what its parameter takes.
@raise MissingFile: A file isn't there, or can't be read.
@example:
    >>> result = app.diffuse(Prompt='Hello', steps=20, style='p')
"""


def flat(text: str | None) -> str:
    """Return a text as if it had never been wrapped."""
    words = (text or "").split()
    # Scripts without blanks between words are wrapped between any two characters.
    return (" " if all(map(str.isascii, words)) else "").join(words)


def read_back(made: Endpoint, style: options.DocstringStyle) -> Docstring:
    """Return what the parser of a style reads from the docstring that we write in it."""
    return docstring_parser.parse(docstring_of(made, style=style), STYLES[style])


def assert_same(made: Endpoint, style: options.DocstringStyle) -> None:
    """Check that nothing is lost or added when the docstring is read back."""
    hints, names = hints_of(made), parameter_names(made)
    parsed = read_back(made, style)

    assert [one.arg_name for one in parsed.params] == list(names)
    for one, name, source in zip(parsed.params, names, made.parameters, strict=True):
        assert one.type_name == _shorten_annotation(hints[name])
        assert flat(one.description) == flat(parameter_text(source, name))
    returned = [one for one in parsed.many_returns if not one.is_generator]
    assert len(returned) == bool(made.results)
    assert [one.type_name for one in parsed.raises][:1] == ["AppError"]
    assert all(
        one.type_name in {"AppError", "ArgumentError", "MissingFile"} for one in parsed.raises
    )


def test_google() -> None:
    """The style that `help` shows best."""
    assert docstring_of(DIFFUSE, "diffuse") == GOOGLE.strip()


def test_numpydoc() -> None:
    """The style of the scientific packages."""
    assert docstring_of(DIFFUSE, "diffuse", "numpydoc") == NUMPYDOC.strip()


def test_rest() -> None:
    """The style of Sphinx."""
    assert docstring_of(DIFFUSE, "diffuse", "rest").endswith(f"come back\n{REST.rstrip()}")


def test_epydoc() -> None:
    """The style of Epydoc."""
    assert docstring_of(DIFFUSE, "diffuse", "epydoc").endswith(f"come back\n{EPYDOC.rstrip()}")


def test_styles_are_the_options() -> None:
    """Each style that can be chosen is written."""
    assert set(get_args(options.DocstringStyle)) == set(STYLES)


@styles
def test_read_back(style: options.DocstringStyle) -> None:
    """Names, types and texts come back from every style."""
    assert_same(DIFFUSE, style)
    parsed = read_back(DIFFUSE, style)

    assert parsed.short_description == "Paint what a prompt says."
    assert flat(parsed.long_description).startswith("It takes about a second for each step, and")
    assert parsed.returns is not None
    assert parsed.returns.type_name == "PredictResult"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/Op1", "Call the app's ``/Op1`` function."),
        ("fn_3", "Call the app's function number 3."),
        ("/\u202ex\ny", "Call the app's ``/x y`` function."),
    ],
)
def test_app_that_says_nothing(name: str, expected: str) -> None:
    """Where the author says nothing, a plain sentence says what is called."""
    assert docstring_of(endpoint(name=name)).split("\n\n")[0] == expected
    assert docstring_of(endpoint(name=name, description=" \n ---- \n")).startswith(expected)


@pytest.mark.parametrize(
    ("name", "trigger", "expected"),
    [
        (
            "/lambda",
            Trigger("click", "button", "Clear"),
            "Call the app's ``/lambda`` function, which the button 'Clear' calls.",
        ),
        (
            "fn_3",
            Trigger("change", "slider", "Steps"),
            "Call the app's function number 3, which runs on ``change`` of the slider\n'Steps'.",
        ),
        (
            "fn_4",
            Trigger("change", "datetime"),
            "Call the app's function number 4, which runs on ``change`` of the datetime.",
        ),
        (
            "/lambda_1",
            Trigger("load"),
            "Call the app's ``/lambda_1`` function, which runs when the page is loaded.",
        ),
        (
            "/run_2",
            Trigger("click", "uploadbutton", "Go", follows=True),
            "Call the app's ``/run_2`` function, which runs after what the button 'Go'\ncalls.",
        ),
        (
            "/run_3",
            Trigger("load", follows=True),
            (
                "Call the app's ``/run_3`` function, which runs after what the loading of the\n"
                "page calls."
            ),
        ),
        # A name of its own says more.
        ("/run", Trigger("click", "button", "Go"), "Call the app's ``/run`` function."),
    ],
)
def test_what_calls_a_function_without_a_name(name: str, trigger: Trigger, expected: str) -> None:
    """What on the page calls it tells what it does."""
    assert docstring_of(endpoint(name=name, trigger=trigger)).split("\n\n")[0] == expected
    written = endpoint(name=name, trigger=trigger, description="Do it.")
    assert docstring_of(written).startswith("Do it.")


def test_what_is_described_without_words() -> None:
    """Where neither label nor component says anything, types are all that there is."""
    parameters = [parameter(declared_name=name, component="Api") for name in ("first", "second")]
    text = docstring_of(endpoint(parameters, [result(component="Api"), result(component="Api")]))

    assert "    first (str):\n    second (str):\n" in text
    assert "        output_0 (str)\n        output_1 (str)\n" in text


def head_of(description: str) -> list[str]:
    """Return the lines that come before the sections."""
    text = docstring_of(endpoint(description=description))
    return text.partition("\n\nRaises:\n")[0].split("\n")


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Do it.", ["Do it."]),
        ("Do it", ["Do it"]),
        ("  Do\n   it.  ", ["Do it."]),
        ("Do it. Then rest.", ["Do it.", "", "Then rest."]),
        ("Do it, e.g. so. Rest.", ["Do it, e.g. so.", "", "Rest."]),
        ("Do it.\n\nMore of it.", ["Do it.", "", "More of it."]),
        ("Do it\n-----\nnow.", ["Do it now."]),
        ("- a\n- b", ["Call the app's ``/predict`` function.", "", "- a", "- b"]),
        ("\u202edo\x1b[31m it.", ["do[31m it."]),
        ("日" * 50, ["日" * 38, "日" * 12]),
        ("Do it now or never, or once upon a time, or at any other convenient time,\n:so", None),
        ("x" * 76 + " Args:", ["x" * 76, "Args"]),
    ],
)
def test_description(description: str, expected: list[str] | None) -> None:
    """The first sentence is the summary, paragraphs and lists keep their form."""
    made = head_of(description)

    assert made == (expected or [description.partition("\n")[0], " :so"])


def test_long_summary_goes_on_in_the_next_line() -> None:
    """A first sentence that is longer than a line is wrapped and is still one paragraph."""
    sentence = "This sentence has a great many words, " * 4 + "and an end."

    assert head_of(sentence + " More.") == [*textwrap.wrap(sentence, 76), "", "More."]


def test_help_fits_a_terminal() -> None:
    """With the indent of `help`, no line is wider than eighty columns."""
    made = endpoint(
        [
            parameter("word " * 30, help="word " * 90, declared_name="a"),
            parameter("x", Array(Union((TEXT, NULL))), example=["word " * 30]),
        ],
        [result("word " * 30), result("word " * 40)],
        description="word " * 200,
    )
    for style in STYLES:
        assert max(map(len, docstring_of(made, style=style).split("\n"))) <= 76


def test_huge_description_is_cut() -> None:
    """A megabyte of description makes no megabyte of docstring."""
    assert len(docstring_of(endpoint(description="x y\n\n" * 200_000))) < 6_000
    assert len(docstring_of(endpoint(description="x" * 1_000_000))) < 6_000
    assert len(docstring_of(endpoint(description=" " * 1_000_000 + "x"))) < 6_000


def test_long_types_are_shortened() -> None:
    """A type is something to glance at; the annotation has all of it."""
    shape = Array(Union((Array(Union((TEXT, NUMBER, NULL))), Array(Array(Array(FILE))))))
    parsed = read_back(endpoint([parameter("x", shape)]), "google")

    assert parsed.params[0].type_name == "list[list | list[list[list]]]"


@styles
@pytest.mark.parametrize(
    "section",
    [
        "Args:\n    fake: a parameter",
        "Args:",
        "Returns:",
        "Parameters\n----------\nfake : int\n    a parameter",
        ":param fake: a parameter",
        ":raises fake: x",
        "@param fake: a parameter",
        "@raise fake: x",
        ".. deprecated:: 1.0",
        ":",
        "@",
    ],
)
def test_description_is_no_section(style: options.DocstringStyle, section: str) -> None:
    """A description that looks like a section of any style adds no parameter, and is kept."""
    for description in (section, f"Do it.\n\n{section}", f"Do it.\n\nso:\n{section}\n\nend"):
        made = endpoint([parameter("real")], [result("x")], description=description)

        assert_same(made, style)
        parsed = docstring_parser.parse(docstring_of(made, style=style))
        assert [one.arg_name for one in parsed.params] == ["real"]
        assert parsed.deprecation is None
        for word in re.findall(r"\w{4,}", section):
            assert word in docstring_of(made, style=style)


@styles
def test_labels_are_no_sections(style: options.DocstringStyle) -> None:
    """Neither are labels, help, choices and examples."""
    made = endpoint(
        [
            parameter(label, declared_name=f"p{place}", help=label, choices=[label], example=label)
            for place, label in enumerate(
                ("return: x", "param y: z", "type y: z", ":raises Z: y", "@rtype: z", "Args:")
            )
        ],
        [result(label) for label in ("param y: z", "raise: x", ":returns: y", "type: z")],
    )
    assert_same(made, style)


@pytest.mark.parametrize(("generator", "shown"), [(True, True), (False, False), (None, False)])
def test_yields(generator: bool | None, shown: bool) -> None:
    """Only what streams is said to."""
    text = docstring_of(endpoint(results=[result("x")], generator=generator))

    assert ("``predict.stream(...)``" in text) is shown


def test_what_is_raised() -> None:
    """Errors that can't happen are not mentioned."""
    plain = endpoint([parameter("x")])
    choosing = endpoint([parameter("x", choices=["a"], closed_choices=True)])
    filing = endpoint([parameter("x", Array(FILE))])

    for made, expected in (
        (plain, ["AppError"]),
        (choosing, ["AppError", "ArgumentError"]),
        (filing, ["AppError", "MissingFile"]),
    ):
        assert [one.type_name for one in read_back(made, "google").raises] == expected


def pasted(text: str) -> list[str]:
    """Return the statements of the example in a docstring."""
    return [one.source for one in doctest.DocTestParser().get_examples(text)]


@styles
def test_example_can_be_pasted(style: options.DocstringStyle) -> None:
    """What `doctest` finds defines the session and calls the function, and prints nothing."""
    made = endpoint([parameter(name, example=name * 30) for name in "abc"], [result("x")])
    text = compose_docstring(
        made,
        name="predict",
        parameters=parameter_names(made),
        annotations=hints_of(made),
        style=style,
        url="http://app.test",
    )
    lines = [line for line in text.split("\n") if line.lstrip().startswith((">>>", "..."))]

    assert pasted(text) == [
        "import gradioproxy as gp\n",
        "app = gp.connect('http://app.test')\n",
        "result = app.predict(\n"
        + "".join(f"    {name}='{name * 30}',\n" for name in "abc")
        + ")\n",
    ]
    assert len({len(line) - len(line.lstrip()) for line in lines}) == 1


@styles
def test_example_without_results(style: options.DocstringStyle) -> None:
    """What returns nothing is called as a statement."""
    assert pasted(docstring_of(endpoint(), style=style)) == ["app.predict()\n"]


@styles
@given(endpoints(), st.lists(st.sampled_from(HOSTILE) | texts, max_size=4))
def test_any_endpoint(style: options.DocstringStyle, made: Endpoint, said: list[str]) -> None:
    """Whatever an app declares: the docstring has its parameters, and no others."""
    for separator in ("\n", "\n\n"):
        object.__setattr__(made, "description", separator.join(said))
        text = docstring_of(made, style=style)

        assert text == inspect.cleandoc(text)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]", text)
        # The parser of this style knows no names of other alphabets.
        if style != "epydoc" or all(name.isascii() for name in parameter_names(made)):
            assert_same(made, style)


def assert_results_same(made: Endpoint, style: options.DocstringStyle) -> None:
    """Check that what is said of the results comes back."""
    parsed, hint = read_back(made, style), hints_of(made)["return"]
    for one in parsed.many_returns:
        # The one parser takes a type with blanks for a sentence.
        assert str(one.type_name).replace(" ", "") == _shorten_annotation(hint).replace(" ", "")
    texts = [flat(one.description) for one in parsed.many_returns if not one.is_generator]
    if len(made.results) == 1:
        assert texts[0].startswith(result_text(made.results[0]))
    elif made.results:
        fields = zip(field_names(made), hint.__annotations__.values(), made.results, strict=True)
        for field, kind, source in fields:
            assert (
                f"{field} ({_shorten_annotation(kind)}): {result_text(source, field)}" in texts[0]
            )
    streamed = "Each partial result as it comes, when called as ``predict.stream(...)``."
    assert docstring_of(made, style=style).count("partial result") == bool(
        made.results and made.generator
    )
    assert all(flat(one.description) == streamed for one in parsed.many_returns if one.is_generator)


@styles
def test_real_apps(infos: Path, style: options.DocstringStyle) -> None:
    """All that is said of every endpoint of real apps comes back, and fits a terminal."""
    for _, made in read_endpoints(infos, sys.maxsize):
        assert_same(made, style)
        assert_results_same(made, style)
        for line in docstring_of(made, style=style).split("\n"):
            # A choice that has to be given is given in full.
            assert len(line) <= 76 or " " not in line.strip(" .")
