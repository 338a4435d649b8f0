"""What a function was given, as JSON: files, arrays and images by their content."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL.Image


def described(value: Any) -> Any:  # noqa: C901, PLR0911 - a kind of value a line
    """Return what a function was given, as JSON."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            is_file = value.startswith("/") and Path(value).is_file()
            return {"file": digest(Path(value).read_bytes())} if is_file else str(value)
        case bytes():
            return {"bytes": digest(value)}
        case np.ndarray():
            return {"array": str(value.dtype), "shape": value.shape, "values": digest(value)}
        case PIL.Image.Image():
            return {"image": value.mode, "size": value.size, "pixels": digest(value.tobytes())}
        case pd.DataFrame():
            kinds = [str(dtype) for dtype in value.dtypes]
            cells = value.astype(object).where(value.notna(), None).to_numpy().tolist()
            return {"frame": list(value.columns), "kinds": kinds, "cells": cells}
        case dt.datetime():
            return {"moment": value.isoformat()}
        case {"path": str(path), "meta": _}:
            return described(path)
        case dict():
            return {str(key): described(item) for key, item in value.items()}
        case list() | tuple():
            return [described(item) for item in value]
        case _ if hasattr(value, "model_dump"):
            return described(value.model_dump())
        case _:
            return {"object": type(value).__name__}


def digest(content: Any) -> str:
    """Return the checksum of bytes."""
    return hashlib.sha256(content).hexdigest()
