"""Plain results, shown on demand as notebooks show those that can display themselves."""

from __future__ import annotations


def show(value: object) -> None:
    """Show a result as notebooks show those with several parts: a gallery, a table, a chat, a plot.

    Plain lists and dictionaries can't display themselves, and stay what they are for everything
    else that is done with them.

    Args:
        value: What a function returned, or a part of that.
    """
    from ..notebook import Output  # late: whoever loads the extension may show nothing
    from ..values.display import build_bundle

    Output(build_bundle(value))
