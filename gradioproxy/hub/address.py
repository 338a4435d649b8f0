"""Where the Hub is, and whether what a caller names is a Space of its."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import NotGradio
from ..text import one_line
from ..transport.url import HUB, parse_address, parse_space

if TYPE_CHECKING:
    from ..transport.url import Address


def get_hub_address() -> Address:
    """Return where the Hub is: ``HF_ENDPOINT``, or else Hugging Face's own.

    Raises:
        NotGradio: ``HF_ENDPOINT`` is no address.
    """
    given = os.environ.get("HF_ENDPOINT", "").strip()
    try:
        return parse_address(given or HUB)
    except NotGradio:
        raise NotGradio(f"HF_ENDPOINT is {one_line(given)!r}, which is no web address.") from None


def parse_space_name(text: str) -> str | None:
    """Return the name of the Space that a text means, or ``None`` if it is something else."""
    return parse_space(text, get_hub_address().url)
