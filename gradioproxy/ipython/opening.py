"""Opening sessions for a prompt: an app's functions in the namespace, and a table of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..client.connect import connect
from ..client.create import create_functions, remove_functions
from ..client.display import render_html, render_text
from ..client.make_session import UNLISTED, list_session
from ..markup import HTML, PLAIN
from ..text import one_line, render_count

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from ..client.session import Session
    from ..errors import NameTaken
    from ..functions.function import Function


class Opened(NamedTuple):
    """A session, and its functions by their names in the namespace."""

    session: Session
    functions: Mapping[str, Function]

    def render(self) -> dict[str, str]:
        """Return what was made, by media type."""
        session, count = self.session, len(self.functions)
        version = one_line(session.version, 40)
        heading = (
            f"{session.name}: {render_count(count, 'function')} of {session.url} "
            f"(Gradio {version}), in your namespace"
        )
        note = session.__connection__.description.app.second_hand
        shown = (heading, note, self.functions, count)
        return {PLAIN: render_text(*shown), HTML: render_html(*shown)}


def open_functions(
    source: str,
    namespace: MutableMapping[str, Any],
    *,
    prefix: str = "",
    earlier: Opened | None = None,
    **options: Any,
) -> Opened:
    """Connect to an app and put its functions into a namespace.

    Args:
        source: The app's address, or a Space.
        namespace: Where the functions go.
        prefix: What their names begin with.
        earlier: What was opened for the same purpose before, and is closed.
        **options: Those of `connect`; what they *replace* is closed.

    Raises:
        NameTaken: A name is somebody else's; nothing was changed, and what was open still is.
        GradioProxyError, ValueError: What else `connect` and `create_functions` raise; as above.
    """
    name = options.get("name")
    if name is None and earlier is not None and not earlier.session.closed:
        name = earlier.session.name  # which it keeps
        options["replace"] = True
    replaces = name is not None and options.pop("replace", False)
    # It gets the name when it is sure that it works: until then there is the one that has it.
    session = connect(source, **options | {"name": UNLISTED if replaces else name})
    try:
        functions = create_functions(session, prefix=prefix, into=namespace)
    except BaseException:
        session.close()
        raise
    if earlier is not None:
        remove_functions(earlier.session)  # what the app no longer has
    if replaces and name is not None:
        list_session(session, name)
    if earlier is not None:
        earlier.session.close()
    return Opened(session, functions)


def explain_taken(error: NameTaken) -> str:
    """Say what is taken, and what helps at a prompt."""
    names = ", ".join(one_line(name, 60) for name in error.names[:10])
    more = f" and {len(error.names) - 10} more" if len(error.names) > 10 else ""  # noqa: PLR2004
    return f"{names}{more}: taken by something else. Nothing was created; choose a --prefix."


def choose_prefix(source: str, taken: set[str]) -> str:
    """Return what the names of an app's functions begin with, where there are several apps.

    Args:
        source: The app's address, or a Space.
        taken: The prefixes of others, to which it is added.
    """
    last = re.sub(r"^\w+://", "", source).split("?")[0].rstrip("/").rpartition("/")[2]
    word = re.sub(r"\W+", "_", last).strip("_").lower()
    if not word[:1].isalpha() or not word.isidentifier():
        word = "app"
    made, number = word, 1
    while made in taken or (made == "app"):
        made = f"{word}{number}"
        number += 1
    taken.add(made)
    return f"{made}_"
