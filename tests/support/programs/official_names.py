"""Lists the public names of the official client; run by the Python of an environment with Gradio.

Rule: standard output gets a JSON object: the client's version, and a list of names.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
from typing import Any

import gradio_client
from gradio_client import exceptions, snippet, utils
from gradio_client.client import Client, Job


def own_names(owner: Any) -> set[str]:
    """Return the public names that a class defines itself."""
    return {name for name in vars(owner) if not name.startswith("_")}


def parameters_of(function: Any) -> set[str]:
    """Return the names of a function's parameters, without those of arguments of an app."""
    given = inspect.signature(function).parameters.values()
    return {one.name for one in given if one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}}


def main() -> None:
    """Print the names."""
    names = own_names(Client) | own_names(Job) | set(gradio_client.__all__) - {"__version__"}
    for function in (Client, Client.predict, Client.submit, Client.view_api, Client.duplicate):
        names |= parameters_of(function) - {"self"}
    for kind in (utils.StatusUpdate, utils.OutputUpdate, utils.ProgressUnit):
        names |= {kind.__name__} | {field.name for field in dataclasses.fields(kind)}
    names |= {member.name for member in utils.Status}
    for module in (utils, exceptions):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Exception):
                names.add(name)
    names |= {name for name in vars(snippet) if name.startswith("generate_")}
    answer = {"version": gradio_client.__version__, "names": sorted(names)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
