"""What ``%load_ext gradioproxy`` adds to an IPython, and takes away again."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher
from IPython.core.error import UsageError
from IPython.core.magic_arguments import MagicArgumentParser

from ..errors import GradioProxyError, NameTaken
from ..text import one_line
from .choices import find_choices
from .opening import explain_taken, open_functions
from .showing import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from .opening import Opened

_PRIORITY = 150
"""Before IPython's own matchers, which have 100 and less: where choices fit, they are meant."""


class Extension:
    """What was added to one IPython.

    Args:
        shell: The IPython.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = weakref.proxy(shell)
        self._opened: dict[tuple[str, str, str | None], Opened] = {}
        self._matcher = _make_matcher(shell.user_ns)
        self._magics = {"gradio": self._run_gradio, "gradio_show": self._run_show}

    def add(self) -> None:
        """Add magics and completion."""
        for name, magic in self._magics.items():
            self._shell.register_magic_function(magic, "line", name)
        self._shell.Completer.custom_matchers.append(self._matcher)

    def remove(self) -> None:
        """Take them away."""
        manager = self._shell.magics_manager
        for name in self._magics:
            manager.magics["line"].pop(name, None)
            vars(manager.user_magics).pop(name, None)
        matchers = self._shell.Completer.custom_matchers
        matchers[:] = [each for each in matchers if each is not self._matcher]

    def keep(self, source: str, prefix: str, name: str | None, opened: Opened) -> None:
        """Hold a session, as nobody else need do so."""
        self._opened[source, prefix, name] = opened

    def _run_gradio(self, line: str) -> None:
        """Connect to a Gradio app and put its functions into the namespace.

        ::

            %gradio SRC [--prefix PREFIX] [--name NAME]

        SRC is an address, or a Space (``owner/space``). Tokens and passwords are taken from the
        environment. Run again, it connects anew; the session is ``gradioproxy.session(NAME)``.
        """
        asked = _parser().parse_argstring(line)
        key = (asked.src, asked.prefix, asked.name)
        options = {} if asked.name is None else {"name": asked.name, "replace": True}
        try:
            opened = open_functions(
                asked.src,
                self._shell.user_ns,
                prefix=asked.prefix,
                earlier=self._opened.get(key),
                **options,
            )
        except NameTaken as error:
            raise UsageError(explain_taken(error)) from None
        except (GradioProxyError, ValueError, OSError) as error:
            raise UsageError(one_line(error, 1000)) from None
        self.keep(*key, opened)
        self._shell.display_pub.publish(opened.render())

    def _run_show(self, line: str) -> None:
        """Show a result: a gallery as a row, a table as a table, a chat as a talk.

        ::

            %gradio_show EXPRESSION
        """
        if not line.strip():
            raise UsageError("%gradio_show takes an expression, such as a variable")
        show(self._shell.ev(line))


_extensions: weakref.WeakKeyDictionary[Any, Extension] = weakref.WeakKeyDictionary()


def load(shell: InteractiveShell) -> Extension:
    """Add everything to an IPython, once."""
    known = _extensions.get(shell)
    if known is None:
        known = _extensions[shell] = Extension(shell)
        known.add()
    return known


def unload(shell: InteractiveShell) -> None:
    """Take everything away that was added."""
    known = _extensions.pop(shell, None)
    if known is not None:
        known.remove()


def _parser() -> Any:
    make: Any = MagicArgumentParser
    parser = make("%gradio", description="Create the functions of an app.")
    parser.add_argument("src", help="an address, or a Space: owner/space")
    parser.add_argument("--prefix", default="", help="what the functions' names begin with")
    parser.add_argument("--name", default=None, help="what to call the session")
    return parser


def _make_matcher(namespace: dict[str, Any]) -> Callable[..., Any]:
    """Return what completes choices for IPython."""

    def match_choices(context: CompletionContext) -> SimpleMatcherResult:
        lines = context.full_text.split("\n")
        before = sum(len(line) + 1 for line in lines[: context.cursor_line])
        place = before + context.cursor_position
        code = context.full_text
        found = find_choices(code[:place], code[place:], namespace)
        if found is None:
            return {"completions": []}
        fragment, texts = found
        return {
            "completions": [SimpleCompletion(text, type="value") for text in texts],
            "matched_fragment": fragment,
            "ordered": True,
            # Letters may be those of a variable; where nothing or a text has begun, the hundreds of
            # names that could stand anywhere would hide the choices.
            "suppress": not fragment or fragment[0] in "'\"",
        }

    made: Any = context_matcher(priority=_PRIORITY, identifier="gradioproxy.choices")
    marked: Callable[..., Any] = made(match_choices)
    return marked
