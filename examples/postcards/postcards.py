"""Makes postcards of photos: small pictures with a greeting each, by an app that can do both.

python postcards.py Ada photo.png --width 64 --into cards
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import gradioproxy as gp

URL = os.environ.get("POSTCARDS_APP", "http://127.0.0.1:7860")


def make_postcard(app: gp.Session, photo: Path, name: str, width: int, folder: Path) -> Path:
    """Write a small picture of a photo, and a text beside it; return the picture's path."""
    card = folder / f"{photo.stem}-card.png"
    app.resize(photo, width).save(card)
    card.with_suffix(".txt").write_text(app.greet(name, times=3) + "\n", encoding="utf-8")
    return card


def main(arguments: list[str]) -> int:
    """Make a postcard of each photo; return the exit code."""
    parser = argparse.ArgumentParser(description="Make postcards of photos.")
    parser.add_argument("name", help="whom they are for")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--into", type=Path, default=Path(), metavar="FOLDER")
    given = parser.parse_args(arguments)
    given.into.mkdir(parents=True, exist_ok=True)
    try:
        with gp.connect(URL) as app:
            for photo in given.photos:
                print(make_postcard(app, photo, given.name, given.width, given.into))
    except (gp.AppError, gp.ArgumentError, gp.ConnectError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
