"""Notebooks: whether one looks at what is shown, and showing something in place there.

Rule: IPython is never imported, as whoever runs in a notebook has it loaded; and no widgets are
needed, only what every front end knows: data by media types, under an identity to change it by.
Nothing here knows Gradio.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_numbers = itertools.count(1)


def find_shell() -> Any:
    """Return the IPython that runs this code, or ``None``."""
    module = sys.modules.get("IPython")
    get = getattr(module, "get_ipython", None)  # a program that ends may have lost it
    return get() if get is not None else None


def in_notebook() -> bool:
    """Tell whether the code runs in a Jupyter kernel: of a notebook, VS Code, Colab or alike."""
    # By the classes' names: those of others, such as Colab's, are made from this one.
    kinds = type(find_shell()).__mro__
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in kinds)


def shows_media() -> bool:
    """Tell whether more than text is of use to who asks for it.

    It is none to IPython on a terminal, which asks for all that an object has and shows its text.
    Whoever asks without IPython knows what for.
    """
    shell = find_shell()
    formatter = getattr(shell, "display_formatter", None)
    return formatter is None or "text/html" in formatter.active_types


class Output:
    """Something that is shown below a cell, and can be changed there.

    It belongs to the cell that runs when this is made, also if another thread changes it later.

    Args:
        data: What is shown, by media type.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        # With the cell's message, which kernels keep in such a variable (ipykernel from 7 on).
        self._context = contextvars.copy_context()
        self._identity = f"gradioproxy-{os.getpid()}-{next(_numbers)}"
        self._publish(data, update=False)

    def update(self, data: Mapping[str, Any]) -> None:
        """Show something else in its place."""
        self._context.copy().run(self._publish, data, update=True)

    def _publish(self, data: Mapping[str, Any], *, update: bool) -> None:
        shell = find_shell()
        if shell is not None:
            transient = {"display_id": self._identity}
            shell.display_pub.publish(dict(data), {}, transient=transient, update=update)


def find_cell() -> str | None:
    """Return what the cell that runs now is known by, if a kernel says so."""
    # A kernel of another language's, or one that is ending, may have anything there.
    with contextlib.suppress(Exception):
        return str(find_shell().get_parent()["header"]["msg_id"])
    return None


def capture_cell() -> contextvars.Context:
    """Return what makes an `Output` belong to the cell that runs now, if it is made in that."""
    return contextvars.copy_context()
