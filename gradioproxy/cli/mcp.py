"""``gradioproxy mcp``: an MCP server for apps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..text import render_count
from .access import build_access_options, open_session
from .exit_codes import MISUSED
from .failures import write_error
from .known import complete_source

if TYPE_CHECKING:
    from ..mcp.server import AppServer

_EPILOG = """\b
Examples:
  gradioproxy mcp owner/space
  gradioproxy mcp http://127.0.0.1:7860 --only predict --files ~/pictures
  gradioproxy mcp http://127.0.0.1:7860 --http 127.0.0.1:8000
"""


_MISSING = "this needs the SDK of MCP, 2.0 or later: pip install gradioproxy[mcp]"


class _SDKMissing(click.ClickException):
    """What the command needs is not installed."""

    exit_code = MISUSED


@click.command(
    name="mcp",
    epilog=_EPILOG,
    short_help="Serve the functions of apps as tools for models (MCP).",
    params=build_access_options(calls=True),
)
@click.argument(
    "sources", metavar="SRC...", nargs=-1, required=True, shell_complete=complete_source
)
@click.option("--http", metavar="HOST:PORT", help="Serve over HTTP, and not over standard input.")
@click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    help="A further name by which clients call it over HTTP, such as a proxy's; can be repeated.",
)
@click.option(
    "--only",
    metavar="NAME",
    multiple=True,
    help="A function to serve, and no others; can be repeated.",
)
@click.option(
    "--except", "without", metavar="NAME", multiple=True, help="One not to serve; can be repeated."
)
@click.option("--files", metavar="DIR", help="A folder whose files models may pass to the apps.")
@click.option(
    "--max-calls",
    "calls",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="How many calls run at a time; others wait.",
)
@click.option(
    "--prefix", is_flag=True, help="Begin the names of tools with their app's, also if it is alone."
)
@click.pass_context
def command(
    context: click.Context, /, sources: tuple[str, ...], http: str | None, **given: Any
) -> None:
    """Serve the functions of apps as tools for models, by the Model Context Protocol.

    A client starts this and talks with it over standard input and output, unless --http is given.
    Models name files by public URLs, and those of the folder that --files allows.
    """
    _ensure_sdk()
    from ..mcp.ending import run_until_signal  # late, as in `access.open_session`
    from ..mcp.stdio import serve_stdio

    if http is None:
        if given["hosts"]:
            raise click.UsageError("--allow-host is for --http")
        server = _open_server(context, sources, isolate="auto", **given)
        if sys.stdin is not None and sys.stdin.isatty():
            write_error("gradioproxy: an MCP client starts this; --http serves clients over HTTP")
        run_until_signal(serve_stdio(server))
    else:
        _serve_http(context, sources, http, **given)


def _ensure_sdk() -> None:
    """Do nothing, if there is an SDK that this can use; load it.

    Raises:
        click.ClickException: There is none.
    """
    try:
        from ..mcp import server  # noqa: F401 - late: it takes its time
    except ImportError as error:
        raise _SDKMissing(_MISSING) from error


def _open_server(
    context: click.Context,
    sources: tuple[str, ...],
    *,
    isolate: bool | Literal["auto"],
    **given: Any,
) -> AppServer:
    """Connect to the apps and return what serves them."""
    from ..mcp.apps import App  # late, as above
    from ..mcp.bounds import Bounds
    from ..mcp.folder import AllowedFolder
    from ..mcp.server import AppServer
    from ..mcp.tools import UnknownTool

    folder = None
    if given["files"] == "":
        # As of a variable of a shell that was not set; a path without a name is where it runs.
        raise click.UsageError("--files names no folder; '.' is the one where this runs")
    if given["files"] is not None:
        try:
            folder = AllowedFolder(Path(given["files"]).expanduser())
        except OSError as error:
            raise click.UsageError(f"--files {given['files']}: {error.strerror}") from None
    sessions = [
        open_session(source, context, progress=False, isolate=isolate) for source in sources
    ]
    try:
        return AppServer(
            [App.of(session) for session in sessions],
            Bounds(calls=given["calls"]),
            only=given["only"],
            without=given["without"],
            prefixed=given["prefix"],
            folder=folder,
        )
    except UnknownTool as error:
        raise click.UsageError(str(error)) from None


def _serve_http(context: click.Context, sources: tuple[str, ...], http: str, **given: Any) -> None:
    """Serve clients over HTTP until a signal comes."""
    from ..mcp.ending import run_until_signal  # late, as above
    from ..mcp.http import PATH, Place, list_hosts, open_socket, parse_place, serve_http

    try:
        place = parse_place(http)
    except ValueError as error:
        raise click.UsageError(f"--http: {error}") from None
    try:
        listener = context.with_resource(open_socket(place))
    except OSError as error:
        raise click.UsageError(f"--http {http}: {error.strerror or error}") from None
    # Each call is by itself: what an app remembers of one client is nothing to another.
    server = _open_server(context, sources, isolate=True, **given)
    place = Place(place.host, listener.getsockname()[1])

    def tell() -> None:
        count = len(server.tools.list())
        url = f"http://{place.host_in_url}:{place.port}{PATH}"
        write_error(f"gradioproxy: {render_count(count, 'tool')} at {url}")
        if not place.is_loopback:
            write_error("gradioproxy: whoever reaches this address can use the apps as you do")

    hosts = list_hosts(place, given["hosts"])
    run_until_signal(serve_http(server, listener, hosts, on_ready=tell))
