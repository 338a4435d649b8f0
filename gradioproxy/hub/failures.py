"""The exceptions for what the Hub answers instead of what it was asked for, and for bad Spaces.

The codes are those of its header ``X-Error-Code``; a repository that is missing and one that is
private answer alike on purpose, with 401 or 404, so the error does not pretend to know:
https://huggingface.co/docs/huggingface_hub/package_reference/utilities#huggingface_hub.errors
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, RateLimited, ServerError, SpaceError
from ..statuses import FORBIDDEN, LONGEST_WAIT, NOT_FOUND, UNAUTHORIZED, reason_for
from ..text import one_line
from .records import get_name

if TYPE_CHECKING:
    from ..errors import GradioProxyError
    from ..transport.response import Answer
    from .records import Space
    from .tokens import Token

_KINDS = {"models": "model", "datasets": "dataset", "spaces": "Space"}
# A path of the API that is about one repository; of Spaces there is also what is about none.
_REPOSITORY = re.compile(
    r"/api/(models|datasets|spaces)/(?!zero-gpu/quota\b|hardware$)([^/?#]+(?:/[^/?#]+)?)"
)
_BAD_TOKEN = "Invalid credentials"  # noqa: S105 - what the Hub says of one
_GATED = "GatedRepo"
_DISABLED = "Access to this resource is disabled"
# ``RateLimit: "api";r=0;t=55``: no request left, 55 seconds until there are new ones.
# https://huggingface.co/docs/hub/rate-limits
_EXHAUSTED = re.compile(r"\br\s*=\s*0\s*;\s*t\s*=\s*(\d+)")


_SETTINGS = "https://huggingface.co/settings/tokens"


def error_for(answer: Answer, token: Token, *, changes: bool = False) -> GradioProxyError:
    """Return the error for an answer that is one.

    Args:
        answer: What the Hub answered.
        token: What it was asked with.
        changes: Whether it was asked to change something.
    """
    found = _REPOSITORY.search(answer.url)
    kind, name = (_KINDS[found[1]], one_line(found[2])) if found else ("", "")
    code = answer.headers.get("X-Error-Code", "")
    said = _parse_message(answer)
    if reason_for(answer.status) == "limit":
        return _rate_limit_error(answer, said)
    if answer.status == UNAUTHORIZED and token.value and (_BAD_TOKEN in said or not name):
        return AuthenticationError(
            f"The Hub refused the token of {token.source}: it is wrong, or has expired. Make "
            f"another at {_SETTINGS}.",
            status=answer.status,
        )
    # Of some tokens that may look and change nothing it says 401, as if there were none.
    limited = changes and token.value and answer.status == UNAUTHORIZED and not code
    about = _find_repository_problem(answer, code, said) if name and not limited else ""
    if about:
        return _repository_error(f"The {kind} {name!r} {about} {token.used}", kind, name, answer)
    if reason_for(answer.status) == "login":
        return _login_error(answer, said, token, changes=changes)
    if changes and said:
        message = f"The Hub refused that ({answer.status}): {said}"
        # No more of what it says: around a secret that it quotes, JSON is written within JSON.
        return ServerError(message, status=answer.status, body=said)
    return answer.error()


def missing_token_error(problem: str, token: Token) -> AuthenticationError:
    """Return the error for what the Hub does for nobody whom it does not know.

    Args:
        problem: What it does not do without a token, as a sentence.
        token: Why there is none.
    """
    return AuthenticationError(
        f"{problem} {token.used} Pass token=, set HF_TOKEN or call gradioproxy.hub.set_token()."
    )


def space_error(space: Space, problem: str) -> SpaceError:
    """Return the error for a Space that can't be used.

    Args:
        space: The Space.
        problem: What is the matter with it, as the rest of a sentence.
    """
    name = get_name(space)
    return SpaceError(f"The Space {name!r} {problem}", space=name, stage=space.stage)


def _login_error(answer: Answer, said: str, token: Token, *, changes: bool) -> AuthenticationError:
    refuses = answer.status == FORBIDDEN or (changes and token.value)
    message = f"The Hub {'does not permit that' if refuses else 'wants a token'}"
    message += f" ({said or answer.status}). {token.used}"
    if changes and token.value:
        message += f" It takes one that may write, of somebody who may: {_SETTINGS}."
    return AuthenticationError(message, status=answer.status)


def _find_repository_problem(answer: Answer, code: str, said: str) -> str:
    """Return what is wrong with a repository, or nothing if it is something else."""
    if code == _GATED:
        return "is gated: its owner decides who may see it. Ask for access on its page."
    if _DISABLED in said:
        return "is disabled; it can't be used."
    missing = code == "RepoNotFound" or (not code and answer.status == NOT_FOUND)
    if missing or (not code and answer.status == UNAUTHORIZED):
        return "does not exist, or it is private: the Hub does not say which. Check its name."
    return ""


def _repository_error(message: str, kind: str, name: str, answer: Answer) -> GradioProxyError:
    if kind == "Space":
        return SpaceError(message, space=name)
    if answer.headers.get("X-Error-Code") == _GATED:
        return AuthenticationError(message, status=answer.status)
    return ServerError(message, status=answer.status, body=answer.text)


def _rate_limit_error(answer: Answer, said: str) -> RateLimited:
    exhausted = _EXHAUSTED.search(answer.headers.get("RateLimit", ""))
    seconds = answer.retry_after
    if seconds is None and exhausted is not None:
        seconds = min(float(exhausted[1]), LONGEST_WAIT)
    when = "later" if seconds is None else f"in {seconds:.0f} s"
    return RateLimited(
        f"The Hub takes no more requests for now ({said or answer.status}). Try again {when}; "
        "with a token it takes more.",
        retry_after=seconds,
    )


def _parse_message(answer: Answer) -> str:
    """Return what the Hub says of an error: in a header, or in a body of JSON."""
    said = answer.headers.get("X-Error-Message", "")
    if not said:
        try:
            body = json.loads(answer.body)
        except (ValueError, RecursionError):
            return ""
        said = str(body.get("error") or "") if isinstance(body, dict) else ""
    return answer.quote(said)
