"""``gradioproxy info``: what an app offers, or how to use one of its functions."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from .access import build_access_options, find_function, open_session
from .output import print_text

if TYPE_CHECKING:
    from ..functions.function import Function

_EPILOG = """\b
Examples:
  gradioproxy info http://127.0.0.1:7860
  gradioproxy info http://127.0.0.1:7860 /predict
  gradioproxy info owner/space --json | jq '.functions | keys'
"""


@click.command(
    name="info",
    epilog=_EPILOG,
    short_help="What an app offers, or how to use one function.",
    params=build_access_options(),
)
@click.argument("source", metavar="SRC")
@click.argument("endpoint", required=False)
@click.pass_context
def command(context: click.Context, /, source: str, endpoint: str | None, **_: object) -> None:
    """Show what an app offers, as a table of its functions.

    SRC is the app's address or the name of a Space. With the name of an ENDPOINT behind it, the
    help of its function is shown.
    """
    session = open_session(source, context)
    if endpoint is None:
        print_text(str(session))
    else:
        print_text(render_function(find_function(session, endpoint)))


def render_function(function: Function) -> str:
    """Return the signature and the docstring of a function, as ``help()`` has them."""
    head = f"{function.__name__}{inspect.signature(function)}"
    return "\n".join([head, "", inspect.cleandoc(function.__doc__ or "")]).rstrip()
