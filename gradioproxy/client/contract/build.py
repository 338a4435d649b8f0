"""What an app promises, as plain JSON values: a contract.

Rule: the same app gives the same contract, wherever and whenever it runs, but for its address.
Nothing in it is a secret, and nothing is of one process of the app alone.
"""

from __future__ import annotations

import hashlib
import math
import posixpath
import re
from typing import TYPE_CHECKING, Any

from ...errors import SchemaError
from ...functions.naming import field_names, parameter_names
from ...schema.shape import File
from ...text import as_json, one_line, split_paragraphs
from ...values.decode import decode_value
from ...values.limits import bounds_of
from ..connection import build_names
from .storage import FORMAT
from .type_entries import describe_given, describe_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...functions.name_table import NameTable
    from ...schema.endpoint import JSON, App, Endpoint, Parameter
    from ..session import Session

# Of a longer default nobody reads a change; it is known by its digest.
MAX_DEFAULT = 2_000
MAX_SUMMARY = 500

# What Python calls files that shall not be found again.
_TEMPORARY = re.compile(r"tmp\w{8}(\.\w+)?")


def build_contract(session: Session) -> dict[str, Any]:
    """Return the contract of a session's app.

    Args:
        session: The session; its contract has the functions that it lists.

    Returns:
        Plain JSON values, as `storage.write_contract` writes them. ``app`` has the address, and the
        versions of Gradio and of its protocol. ``functions`` has by endpoint each function's
        ``name`` in Python, the first paragraph of its ``description``, ``parameters``, ``returns``,
        and whether it ``yields`` partial results (``null`` where the app does not say); and a
        ``contradiction`` that keeps it from being called.

    Raises:
        SchemaError: What is known of its functions was guessed, as its ``/info`` fails: what
            callers rely on would look like a change as soon as that is mended.
    """
    # By way of the connection: a session's own members warn where the app has one of their names.
    connection = session.__connection__
    url = connection.engine.transport.address.url
    note = connection.description.app.second_hand
    if note:
        raise SchemaError(f"{url} has no contract for now. {note} Try again later.")
    # What the app made for this session alone is no promise.
    app = connection.description.lasting_app
    return describe_contract(app, build_names(app, connection.engine.options.unnamed), url)


def describe_contract(
    app: App, names: NameTable, url: str, only: Iterable[str] | None = None
) -> dict[str, Any]:
    """Return the contract of an app.

    Args:
        app: The app.
        names: The functions that are listed.
        url: The app's address.
        only: The functions that are to be in it, as far as the app has them; also ones without a
            name that are not listed. By default those that are listed.
    """
    about: dict[str, Any] = {"url": url, "gradio": app.version, "protocol": app.protocol}
    chosen: Iterable[str] = names.listed
    if only is not None:
        chosen = [name for name in only if name in names.listed or name in app.unnamed]
    functions = {}
    for name in chosen:
        endpoint = app.find(name)
        if endpoint is not None:
            functions[name] = _describe_function(endpoint, names.names_of(name).attribute)
    return {"format": FORMAT, "app": about, "functions": functions}


def _describe_function(endpoint: Endpoint, name: str) -> dict[str, Any]:
    paragraphs = split_paragraphs(endpoint.description)
    names = parameter_names(endpoint)
    made: dict[str, Any] = {
        "name": name,
        "description": one_line(paragraphs[0], MAX_SUMMARY) if paragraphs else "",
        "parameters": [
            _describe_parameter(parameter, known)
            for known, parameter in zip(names, endpoint.parameters, strict=True)
        ],
        "returns": _describe_results(endpoint),
        "yields": endpoint.generator,
    }
    return made | ({"contradiction": endpoint.contradiction} if endpoint.contradiction else {})


def _describe_parameter(parameter: Parameter, name: str) -> dict[str, Any]:
    choices = None
    if parameter.closed_choices and parameter.choices:
        choices = [_make_plain(choice.value) for choice in parameter.choices]
    text, schema = describe_taken(parameter, name, choices)
    made: dict[str, Any] = {"name": name, "type": text, "required": not parameter.has_default}
    made |= _describe_default(parameter) if parameter.has_default else {}
    made |= {} if choices is None else {"choices": choices}
    if not parameter.changeable:
        low, high = bounds_of(parameter)
        made |= {} if low is None else {"minimum": low}
        made |= {} if high is None else {"maximum": high}
    made |= {"label": parameter.label, "component": parameter.component}
    return made | ({} if schema is None else {"schema": schema})


def _describe_results(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Describe what comes back: what comes alone has no name."""
    made = []
    several = len(endpoint.results) > 1
    for name, result in zip(field_names(endpoint), endpoint.results, strict=True):
        text, schema = describe_given(result, name if several else "")
        one: dict[str, Any] = {"name": name} if several else {}
        one |= {"type": text, "label": result.label, "component": result.component}
        made.append(one | ({} if schema is None else {"schema": schema}))
    return made


def _describe_default(parameter: Parameter) -> dict[str, Any]:
    """Return a default, or of a long one its digest; files by their names."""
    value = parameter.default
    if isinstance(value, str) and isinstance(parameter.shape, File):
        value = _name_file({"path": value})
    named: Any = _name_file
    plain = _make_plain(decode_value(value, parameter.shape, named))
    text = as_json(plain)
    if len(text) <= MAX_DEFAULT:
        return {"default": plain}
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"default_sha256": digest}


def _name_file(raw: Mapping[str, JSON]) -> dict[str, Any]:
    """Return what stands for a file of the app: its place differs with each process."""
    path = next((text for key in ("orig_name", "path", "name") if (text := raw.get(key))), "")
    name = posixpath.basename(path.split("?")[0]) if isinstance(path, str) else ""
    known = name and not path.startswith("data:") and not _TEMPORARY.fullmatch(name)
    return {"file": one_line(name) if known else None}


def _make_plain(value: JSON) -> JSON:
    """Return a value as any JSON reader reads it: without numbers that are none."""
    if isinstance(value, dict):
        return {key: _make_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_make_plain(item) for item in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
