"""Tokens of the Hub: where they come from, where they are kept, and who may have one.

What is where is what `huggingface_hub` does, so that a login made with one is a login for both:
https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
"""

from __future__ import annotations

import configparser
import contextlib
import errno
import io
import os
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import AuthenticationError, FileNotSaved
from ..files.saving import NamedPath, write_file
from ..notebook import in_notebook
from ..text import one_line

# Read in this order; the second one is how older versions of the tools called it.
_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_FOLDER_MODE = 0o700
# No token is nearly as long, and a device has no end.
_LONGEST = 1 << 16
# Of a home folder that there is none of, as for a user whom no list of users has.
_NO_HOME = "~"
_PROMPT = "Token of Hugging Face (https://huggingface.co/settings/tokens), which is not shown: "


@dataclass(frozen=True)
class Token:
    """A token, or none.

    Attributes:
        value: What it is.
        source: Where it is from, in words; where it is none, why.
    """

    value: str | None = field(default=None, repr=False)
    source: str = ""

    @property
    def passed(self) -> bool:
        """Whether the caller passed it, or passed that there is none."""
        return self.source.startswith("token=")

    @property
    def used(self) -> str:
        """The sentence that says what was sent, and never its value."""
        if self.value:
            return f"The token of {self.source} was sent."
        return f"No token was sent: {self.source}."


def find_token(token: str | bool | Token | None) -> Token:
    """Return the token to send: the one that is given, or the one of the environment or the file.

    Args:
        token: A token; ``False`` for none; ``None`` for what ``HF_TOKEN`` has, or else the file
            where the tools of Hugging Face keep theirs.

    Raises:
        TypeError: It is something else.
        AuthenticationError: The token can't be sent, or its file can't be read.
    """
    if isinstance(token, Token):
        return token
    if token is False:
        return Token(None, "token=False")
    if isinstance(token, str):
        value = _strip_token(token)
        return _check_token(value, "token=") if value else Token(None, "token= is empty")
    if token is not None:
        raise TypeError(f"token= takes a token, or False for none; not {type(token).__name__}")
    for name in _VARIABLES:
        if value := _strip_token(os.environ.get(name, "")):
            return _check_token(value, name)
    path = get_token_path()
    try:
        value = _strip_token(_read_text(path))
    except (FileNotFoundError, NotADirectoryError):  # of the home folder, too
        value = ""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise AuthenticationError(
            f"The token in {path} can't be read ({reason}). Pass token=, or token=False for none."
        ) from None
    if value:
        return _check_token(value, str(path))
    return Token(None, f"there is none in token=, HF_TOKEN or {path}")


def ask_token() -> str:
    """Ask whoever sits there for a token, without showing it, and return it.

    Raises:
        AuthenticationError: Nobody does, or there was none.
    """
    import getpass  # late: few ask

    try:
        terminal = sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # it was closed
        terminal = False
    if not terminal and not in_notebook():
        raise AuthenticationError(
            "There is no terminal to ask for a token at. Pass one, as in set_token(token), or set "
            "HF_TOKEN."
        )
    token = ""
    try:
        with warnings.catch_warnings():
            # It warns where it can't help showing what is typed, and asks all the same.
            warnings.simplefilter("error", getpass.GetPassWarning)
            token = getpass.getpass(_PROMPT)
    except getpass.GetPassWarning:
        raise AuthenticationError(
            "The terminal shows what is typed, so that no token is asked for there. Set HF_TOKEN."
        ) from None
    except EOFError:
        pass  # there was none
    if not _strip_token(token):
        raise AuthenticationError("No token was given; nothing was stored.")
    return token


def store_token(value: str, name: str) -> Path:
    """Keep a token where the tools of Hugging Face look for it.

    Args:
        value: The token, which was checked.
        name: What it is called there, among others that were stored before.

    Returns:
        The file of the token that is used from now on.

    Raises:
        FileNotSaved: The disk is full, read-only or broken, or there is no home folder.
        OSError: The path is none that can be written.
    """
    path = get_token_path()
    if _is_homeless(path):
        raise FileNotSaved(
            f"{path} can't be written: this user has no home folder. HF_HOME names another folder.",
            path=str(path),
        )
    _store_by_name(path.with_name("stored_tokens"), value, name)
    _write_privately(path, value)
    return path


def get_token_path() -> Path:
    """Return the file of the token that is used."""
    given = os.environ.get("HF_TOKEN_PATH")
    return Path(_expand_path(given)) if given else get_home() / "token"


def get_home() -> Path:
    """Return the folder of the tools of Hugging Face."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~", ".cache"))
    return Path(_expand_path(os.environ.get("HF_HOME") or str(Path(cache, "huggingface"))))


def _expand_path(path: str) -> str:
    # As `huggingface_hub` does, and not as `pathlib`, which fails where there is no home folder.
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111


def _is_homeless(path: Path) -> bool:
    """Tell whether a path is below a home folder that there is not, and not in the present one."""
    return str(path).startswith(_NO_HOME)


def _read_text(path: Path) -> str:
    """Return what is in a small file.

    Raises:
        FileNotFoundError, NotADirectoryError: It is not there.
        OSError, ValueError: It can't be read, is too large to be what is looked for, or no text.
    """
    if _is_homeless(path):
        raise FileNotFoundError
    with path.open("rb") as file:
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise OSError(errno.EFBIG, "it is too large to be one")
    return content.decode("utf-8")


def _strip_token(token: str) -> str:
    return token.replace("\r", "").replace("\n", "").strip()


def _check_token(value: str, source: str) -> Token:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise AuthenticationError(
            f"The token of {source} has a character that none has. Copy it again from "
            "https://huggingface.co/settings/tokens."
        )
    return Token(value, source)


def _store_by_name(path: Path, value: str, name: str) -> None:
    """Add a token to those that ``hf auth switch`` offers; whatever else is there stays."""
    # What a token contains is no pattern; and what names it is a person's free text.
    stored = configparser.ConfigParser(interpolation=None)
    try:
        stored.read_string(_read_text(path))
    except (FileNotFoundError, NotADirectoryError):
        pass  # it is the first one
    except (configparser.Error, OSError, ValueError):
        return  # nothing that we know how to add to; the token itself is stored all the same
    section = one_line(name, 100).translate({ord("["): "(", ord("]"): ")"}) or "gradioproxy"
    if section == stored.default_section:
        section = f"{section}-token"
    stored.remove_section(section)  # with it goes what was only true of the older token
    stored.add_section(section)
    stored.set(section, "hf_token", value)
    text = io.StringIO()
    stored.write(text)
    _write_privately(path, text.getvalue())


def _write_privately(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    path = Path(os.path.realpath(path))
    with NamedPath(path):
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=_FOLDER_MODE, exist_ok=True)
    if path.parent == Path(os.path.realpath(get_home())):
        # A folder of their own; any other one may be everybody's, such as /tmp.
        with contextlib.suppress(OSError):
            path.parent.chmod(_FOLDER_MODE)
    write_file([text.encode()], path, private=True)
