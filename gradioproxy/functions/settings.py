"""What the calls of a function are made with: an engine, options, a transport with secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from ..values.encode import Encoder

if TYPE_CHECKING:
    from ..calls.engine import Engine
    from ..many.chunk import Find
    from ..options import CallOptions
    from ..transport.http import Transport


class CallSettings(NamedTuple):
    """A session's engine, with the options that its calls are made with.

    Attributes:
        engine: The engine.
        options: The options.
        transport: The way to the app, with the secrets of these calls.
        find: Finds the app in another process, if it is to be found there.
    """

    engine: Engine
    options: CallOptions
    transport: Transport
    find: Find | None = None

    @property
    def way(self) -> Transport:
        """The way to the app for a call that is made here and now."""
        if not self.transport.address.space or "gradio" not in sys.modules:
            return self.transport
        from ..transport.visitor import act_for_visitor  # late: few scripts are Gradio apps, too

        return act_for_visitor(self.transport, self.options.headers or {})

    @property
    def encoder(self) -> Encoder:
        """What makes the payloads of calls, for the app as it is now."""
        app = self.engine.app
        validate = self.options.validate
        return Encoder(self.transport, app.release, app.max_file_size, validate=validate)
