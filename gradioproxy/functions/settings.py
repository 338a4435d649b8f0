"""What the calls of a function are made with: an engine, options, a transport with secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..values.encode import Encoder

if TYPE_CHECKING:
    from ..calls.engine import Engine
    from ..options import CallOptions
    from ..schema.endpoint import Endpoint
    from ..transport.http import Transport


@dataclass(frozen=True)
class CallSettings:
    """A session's engine, with the options that its calls are made with."""

    engine: Engine
    options: CallOptions
    transport: Transport


def build_encoder(settings: CallSettings, endpoint: Endpoint, names: tuple[str, ...]) -> Encoder:
    """Return what checks the arguments of an endpoint's calls and makes their plans."""
    app = settings.engine.app
    return Encoder(
        endpoint,
        names,
        settings.transport,
        app.max_file_size,
        release=app.release,
        validate=settings.options.validate,
    )
