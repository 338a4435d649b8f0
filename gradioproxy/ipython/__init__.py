"""The IPython extension (``%load_ext gradioproxy``), and results shown on demand.

It adds ``%gradio``, which puts an app's functions into the namespace, ``%gradio_show``, which shows
a plain result as notebooks show named ones, and Tab for the choices of a parameter.
"""

from __future__ import annotations

from typing import Any

from .showing import show as show


def load_ipython_extension(shell: Any) -> None:
    """Add everything to an IPython; called by IPython itself."""
    from .extension import load  # late: who asks whether there is an extension need not load it

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take everything away that was added; functions that were created are the user's, and stay."""
    from .extension import unload  # late, as above

    unload(shell)
