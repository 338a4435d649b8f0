"""``gradioproxy info``: what an app offers, or how to use one of its functions."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from ..values.simplify import write_json
from .access import (
    AccessOption,
    build_access_options,
    collect_given,
    complete_endpoint,
    find_function,
    open_session,
)
from .known import complete_source
from .output import print_text

if TYPE_CHECKING:
    from ..client.session import Session
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
    params=[
        *build_access_options(),
        AccessOption(["--json"], is_flag=True, help="Print it as JSON, as `lock` writes it."),
    ],
)
@click.argument("source", metavar="SRC", shell_complete=complete_source)
@click.argument("endpoint", required=False, shell_complete=complete_endpoint)
@click.pass_context
def command(context: click.Context, /, source: str, endpoint: str | None, **_: object) -> None:
    """Show what an app offers, as a table of its functions.

    SRC is the app's address or the name of a Space. With the name of an ENDPOINT behind it, the
    help of its function is shown.
    """
    session = open_session(source, context)
    function = None if endpoint is None else find_function(session, endpoint)
    if collect_given(context)["json"]:
        print_text(write_json(_describe(session, function), 2))
    else:
        print_text(str(session) if function is None else render_function(function))


def _describe(session: Session, function: Function | None) -> object:
    """Return what there is to know of an app, or of one function, as JSON."""
    from ..client.contract.build import build_contract  # late: most people read the table

    contract = build_contract(session)
    return contract if function is None else contract["functions"][function.endpoint.name]


def render_function(function: Function) -> str:
    """Return the signature and the docstring of a function, as ``help()`` has them."""
    head = f"{function.__name__}{inspect.signature(function)}"
    return "\n".join([head, "", inspect.cleandoc(function.__doc__ or "")]).rstrip()
