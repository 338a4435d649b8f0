"""What a command ends with, as ``docs/howto/command_line.rst`` says it."""

from __future__ import annotations

FAILED = 1
MISUSED = 2
NOT_REACHED = 3
LOGIN_NEEDED = 4
INTERRUPTED = 130
"""After Ctrl-C, as shells have it (128 and SIGINT)."""
PIPE_CLOSED = 141
"""What a shell says of a program that ended because nobody reads any more (128 and SIGPIPE)."""
