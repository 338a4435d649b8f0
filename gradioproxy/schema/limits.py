"""How deep and how large what a server says may be, to be read at all.

Rule: beyond a limit a schema says nothing (`shape.Anything`), and a value is no value.
"""

from __future__ import annotations

from typing import Any

# Real schemas (an image editor's, a chatbot's) are less than 15 deep and 400 nodes large.
MAX_SHAPE_DEPTH = 40
"""How deep a schema is read, and a value is compared with it."""

MAX_SHAPE_NODES = 10_000

MAX_UNION_MEMBERS = 100
"""How many shapes a union has that are no values: each part of a value is compared with all."""

# Deeper than any real value, and far from where Python's own stack ends.
MAX_VALUE_DEPTH = 100
"""How deep a value may be that is sent."""

MAX_RESULT_DEPTH = 300
"""How deep a value may be that comes, whatever Python could follow: that differs with its versions
and with who asks. Gradio writes what it sends with orjson, which goes to 254."""


def is_shallow(value: Any, depth: int = MAX_VALUE_DEPTH) -> bool:
    """Tell whether a value is nested no deeper than so, by default than anything that is sent."""
    layer = [value] if isinstance(value, list | dict) else []
    for _ in range(depth):
        inside = (one.values() if isinstance(one, dict) else one for one in layer)
        layer = [one for some in inside for one in some if isinstance(one, list | dict)]
        if not layer:
            return True
    return False
