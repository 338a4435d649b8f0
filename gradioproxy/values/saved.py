"""Values that are kept in files, as the client of Gradio 3's time took them.

It took the path of a file of JSON for what is more than a text, and that of a folder for a gallery.
Scripts that were written for it have those.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.file import File
from .markers import ServerText

if TYPE_CHECKING:
    from ..schema.endpoint import Parameter

# What takes files, so that a text there names one, as everywhere.
_FILES = frozenset({"annotatedimage", "gallery", "timeseries"})
# What it wrote as files of JSON. A path for the FileExplorer is one of the server's.
_JSON = frozenset(
    {"annotatedimage", "chatbot", "dataframe", "highlightedtext", "json", "label", "plot"}
    | {"timeseries"}
)
_CAPTIONS = "captions.json"


def load_saved(parameter: Parameter, value: Any) -> Any:
    """Return what is in the file or folder that a value is the path of, if it is such a path.

    A text may be a value in its own right (JSON, a label), or come from another app: where no file
    goes, only a path object names one. A text that happens to be a path is not read.

    Args:
        parameter: The parameter, with its component.
        value: What the caller passed; never what others did, who name no local path.

    Returns:
        The value itself, where it is no such path.

    Raises:
        ValueError: The file can't be read as what it should be.
    """
    kind = parameter.kind
    named = isinstance(value, os.PathLike) and not isinstance(value, File)
    is_text = isinstance(value, str) and not isinstance(value, ServerText)
    is_path = named or (is_text and kind in _FILES)
    if not is_path or kind not in {*_JSON, "gallery"}:
        return value
    path = Path(os.fsdecode(value))
    if kind == "gallery":
        path /= _CAPTIONS
    if not _is_there(path):
        return value
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{path.name} holds no JSON that can be read") from None
    return _find_pictures(found, path.parent) if kind == "gallery" else found


def _is_there(path: Path) -> bool:
    try:
        return path.suffix == ".json" and path.is_file()
    except (OSError, ValueError):
        return False  # a text that can't be a path


def _find_pictures(captions: Any, folder: Path) -> list[Any]:
    """Return the images of a folder, with their captions."""
    named = captions.items() if isinstance(captions, dict) else ()
    return [folder / name if said is None else (folder / name, said) for name, said in named]
