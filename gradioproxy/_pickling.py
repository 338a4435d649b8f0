"""What pickles name, besides the public classes: these names are a format, and stay.

The functions live where the values do that they restore; pickles look for them here.
"""

from .errors import restore_error
from .files.file import restore_file
from .files.stream import restore_stream
from .functions.annotations import restore_result
from .functions.codegen import REQUIRED

__all__ = ["REQUIRED", "restore_error", "restore_file", "restore_result", "restore_stream"]
