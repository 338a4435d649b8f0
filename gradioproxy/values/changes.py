"""What an app sends to change a component instead of giving a value: its updates.

Every Gradio sends the same for ``gr.update(...)``, for a component that a function returns, and for
``gr.skip()``: an object with ``"__type__": "update"`` and what changes, the value among it if it
does. No component's own value looks like that, because the server would take it for an update.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .conform import Misfit

if TYPE_CHECKING:
    from typing import TypeGuard

    from ..schema.endpoint import Parameter


def is_update(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether a value is an update of a component."""
    return isinstance(value, Mapping) and value.get("__type__") == "update"


def value_for(parameter: Parameter, update: Mapping[str, Any]) -> Any:
    """Return what the page would send for a component after an update.

    Args:
        parameter: What takes it.
        update: What another call gave.

    Returns:
        The value that the update has; the parameter's default, if it leaves the value as it is.

    Raises:
        Misfit: It has no value, and neither has the parameter.
    """
    if "value" in update:
        return update["value"]
    if parameter.has_default:
        return parameter.default
    raise Misfit("a value, which this update of a component does not have", update)
