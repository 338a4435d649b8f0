"""Validation, web servers and command lines that are made from functions."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import typing
from typing import TYPE_CHECKING, Any

from tests.support.takers.calling import Call, takes_all, takes_each

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@takes_each
def validate_call(function: Any, arguments: dict[str, Any]) -> Any:
    """Let Pydantic check arguments and result."""
    import pydantic

    return pydantic.validate_call(validate_return=True)(function)(**arguments)


@takes_each
def fastapi(function: Any, arguments: dict[str, Any]) -> Any:
    """Serve a function over HTTP, with all arguments in a body of JSON."""
    from fastapi import Body, FastAPI
    from fastapi.testclient import TestClient

    @functools.wraps(function)
    def serve(**values: Any) -> Any:
        return function(**values)

    signature = inspect.signature(function)
    serve.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            one.replace(annotation=typing.Annotated[one.annotation, Body(embed=True)])
            for one in signature.parameters.values()
        ]
    )
    app = FastAPI()
    app.post("/call")(serve)
    client = TestClient(app)
    assert client.get("/openapi.json").status_code == 200
    answer = client.post("/call", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json()


@takes_each
def fire(function: Any, arguments: dict[str, Any]) -> Any:
    """Make a command line by Fire."""
    from fire import Fire

    command = [f"--{name}={value!r}" for name, value in arguments.items()]
    with contextlib.redirect_stdout(io.StringIO()):
        return Fire(function, command=command, serialize=lambda _: "")


@takes_each
def typer(function: Any, arguments: dict[str, Any]) -> Any:
    """Make a command line by Typer: what has a default is an option."""
    import typer as library

    came: list[Any] = []

    @functools.wraps(function)
    def run(*given: Any, **values: Any) -> None:
        came.append(function(*given, **values))

    app = library.Typer()
    app.command()(run)
    signature, command = inspect.signature(function), []
    for name, value in arguments.items():
        if signature.parameters[name].default is inspect.Parameter.empty:
            command.append(str(value))
        elif value is True or value is False:
            command.append(f"--{'' if value else 'no-'}{name}")
        else:
            command += [f"--{name}", str(value)]
    app(command, standalone_mode=False)
    return came[0]


@takes_all
def gradio_api(calls: Sequence[Call]) -> Iterator[Any]:
    """Serve functions by another app of Gradio."""
    import gradio as gr

    import gradioproxy as gp

    with gr.Blocks() as blocks:
        for number, call in enumerate(calls):
            gr.api(call.function, api_name=f"called_{number}")
    _, url, _ = blocks.launch(prevent_thread_lock=True, quiet=True)
    try:
        with gp.connect(url, progress=False) as app:
            for number, call in enumerate(calls):
                yield app[f"called_{number}"](*call.arguments.values())
    finally:
        blocks.close()


@takes_each
def gradio_interface(function: Any, arguments: dict[str, Any]) -> Any:
    """Make a page of a function that can be shown in boxes of text, and call what it does."""
    import gradio as gr

    if not all(type(value) is str for value in arguments.values()):
        return function(**arguments)
    return gr.Interface(function, ["text"] * len(arguments), "text").fn(*arguments.values())
