"""The pages for those who come from other clients: what they say is tried, of both sides."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp
from tests.support.gradio import ROOT
from tests.support.gradio.launching import environment, python_for
from tests.support.hub_server import TOKEN
from tests.support.pages import ADDRESS, Page, run_examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gradio import Server
    from tests.support.gradio.running import RunningServers
    from tests.support.hub_server import StandIn
    from tests.support.pages import Command

TESTED_VERSIONS = ["6.31.0"]  # the one with the client that the page is about
PROGRAMS = ROOT / "tests" / "support" / "programs"
OFFICIAL = "from_gradio_client.rst"
POWERSHELL = "from_powershai.rst"
GRADIO = "import sys; sys.argv[0] = 'gradio'; from gradio.cli import cli; cli()"

OFFICIAL_VERSION = "2.7.2"
OFFICIAL_NAMES = """
    APIInfoParseError AppError AuthenticationError CANCELLED Client FINISHED FileData IN_QUEUE
    ITERATING InvalidAPIEndpointError JOINING_QUEUE LOG OutputUpdate PROCESSING PROGRESS
    ProgressUnit QUEUE_FULL QueueError SENDING_DATA STARTING SerializationSetupError
    SpaceDuplicationError StatusUpdate TooManyRequestsError ValidationError _skip_components
    add_zero_gpu_headers all_endpoints analytics_enabled api_name auth cancel close code desc
    download_files duplicate eta file final fn_index from_id generate_bash_snippet
    generate_code_snippets generate_js_snippet generate_python_snippet handle_file hardware headers
    httpx_kwargs index length log max_workers new_helper oauth_token outputs predict print_info
    private progress progress_data queue_size rank reset_session result result_callbacks
    return_format secrets send_data sleep_timeout src ssl_verify status stream_messages submit
    success time to_id token type unit verbose view_api
""".split()  # noqa: SIM905 - a list would be a page long
"""What `gradio_client` has of public names: classes, methods, parameters, fields, errors."""

POWERSHELL_VERSION = "0.7.3"
POWERSHELL_COMMANDS = {
    "Invoke-GradioHttp": "url method data ContentType StreamCallback token MaxRedirects",
    "Send-GradioFile": "AppUrl Files Raw",
    "Send-GradioApi": "AppUrl ApiName Params SessionHash EventId token",
    "Update-GradioApiResult": "ApiEvent Script MaxHeartBeats NoOutput History",
    "Get-GradioInfo": "AppUrl DisableRetry",
    "New-GradioSession": "AppUrl Name DownloadPath Force DisableRetry",
    "Get-GradioSession": "Session Like ById",
    "Remove-GradioSession": "Name",
    "Set-GradioSession": "Session Default MaxCalls MaxCallsPolicy",
    "Send-GradioSessionFiles": "files Session",
    "Invoke-GradioSessionApi": "ApiName Params EventId session Token",
    "Update-GradioSessionApiResult": "Id NoOutput MaxHeartBeats session History",
    "Get-GradioSessionApi": "Session",
    "Remove-GradioSessionApi": "Target Force Elegible session",
    "Invoke-GradioDynamicApi": "ApiName Session",
    "Convert-GradioParamPowershell": "Param value",
    "New-GradioSessionApiProxyFunction": "ApiName Prefix Session Force",
    "Get-GradioSessionApiProxyFunction": "Session",
    "Remove-GradioSessionApiProxyFunction": "Function",
    "Invoke-GradioApiOp1": "Manual ApiResultMap Map arm ApiToken DebugData",
    "Invoke-HuggingFaceHub": (
        "endpoint search author filter direction limit sort Desc full config RawParams Public Token"
    ),
    "Get-HuggingFaceWhoami": "token",
    "Set-HuggingFaceToken": "",
    "Invoke-HuggingFaceInferenceApi": "model params Public OpenaiChatCompletion StreamCallback",
    "Get-HuggingFaceModel": "Model",
    "Find-HuggingFaceModel": "search filter tags author RawParams limit sort",
    "Get-HuggingFaceSpace": "Space author My NoGradioSession GradioServerRoot",
    "Wait-HuggingFaceSpace": "Space timeout SleepTime NoStatus NoStart",
    "Start-HuggingFaceSpace": "space",
    "Connect-HuggingFaceSpaceGradio": "space Force ServerRoot",
}
"""The commands of PowershAI's provider and their parameters, and those of a created function."""
POWERSHELL_ALIASES = {
    "InvokeGradioApi": "Invoke-GradioHttp",
    "GradioApiFunction": "New-GradioSessionApiProxyFunction",
    "Set-HfToken": "Set-HuggingFaceToken",
    "Invoke-HfHub": "Invoke-HuggingFaceHub",
    "Get-HfWhoami": "Get-HuggingFaceWhoami",
    "Get-HfMe": "Get-HuggingFaceWhoami",
    "Invoke-HfInference": "Invoke-HuggingFaceInferenceApi",
    "Get-HfModel": "Get-HuggingFaceModel",
    "Get-HfSpace": "Get-HuggingFaceSpace",
    "Wait-HfSpace": "Wait-HuggingFaceSpace",
    "Connect-HfSpaceGradio": "Connect-HuggingFaceSpaceGradio",
}


@pytest.fixture
def server(gradio: RunningServers, version: str) -> Server:
    """Give the app of the pages."""
    return gradio(version, "moving")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder that examples run in, with the file that they send."""
    (tmp_path / "letter.txt").write_text("hello", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_page(name: str, server: Server) -> Page:
    """Return a page, with the address of a real server for that of the examples."""
    return Page(ROOT / "docs" / name, {ADDRESS: server.url})


def run_official(command: list[str], version: str, folder: Path, text: str = "") -> str:
    """Return what a program prints that Gradio's Python runs."""
    done = subprocess.run(
        [python_for(version), "-I", *command],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment(str(folder)),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_command(command: Command, version: str, folder: Path) -> str:
    """Return what a line for a shell prints, of Gradio's commands or of ours."""
    program, *arguments = command.arguments
    if program == "gradio":
        return run_official(["-c", GRADIO, *arguments], version, folder)
    assert program == "gradioproxy"
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def literals(text: str) -> str:
    """Return what is literal text."""
    return " ".join(re.findall(r"``([^`]+)``", text))


def rows_of(command: str, page: Page) -> str:
    """Return the rows of tables that are about a command of PowershAI, up to the next one."""
    first = re.escape(f"   * - ``{command}") + r"(?:``| )"
    [found] = re.findall(
        rf"^{first}[\s\S]*?(?=^   \* - ``[A-Z]\w+-[GH]|^\S|\Z)", page.text, re.MULTILINE
    )
    return str(found)


def test_examples_for_those_from_gradio_client(server: Server, folder: Path) -> None:
    assert folder
    page = read_page(OFFICIAL, server)
    assert run_examples(page.examples(), page.name, {}) == ""


def test_examples_of_gradio_client(server: Server, folder: Path, version: str) -> None:
    """What the page says of that client is what it does."""
    examples = read_page(OFFICIAL, server).examples(official=True)
    program = str(PROGRAMS / "official_examples.py")
    assert run_official([program], version, folder, examples) == ""


@pytest.mark.parametrize(
    ("name", "programs"),
    [(OFFICIAL, {"gradio", "gradioproxy"}), (POWERSHELL, {"gradioproxy"})],
)
def test_commands(
    server: Server, folder: Path, version: str, name: str, programs: set[str]
) -> None:
    commands = read_page(name, server).commands()
    assert {command.arguments[0] for command in commands} == programs
    for command in commands:
        assert run_command(command, version, folder).rstrip("\n") == command.printed


def test_the_names_of_gradio_client(tmp_path: Path, version: str) -> None:
    """The list of this module is whole: the installed client has these names and no others."""
    said = json.loads(run_official([str(PROGRAMS / "official_names.py")], version, tmp_path))
    assert said == {"version": OFFICIAL_VERSION, "names": sorted(OFFICIAL_NAMES)}


def test_every_name_of_gradio_client_is_on_the_page() -> None:
    page = Page(ROOT / "docs" / OFFICIAL, {})
    assert OFFICIAL_VERSION in page.text
    assert sorted(set(OFFICIAL_NAMES) - set(re.findall(r"\w+", literals(page.text)))) == []


@pytest.mark.parametrize("command", POWERSHELL_COMMANDS)
def test_every_command_of_powershai_is_on_the_page(command: str) -> None:
    """With all of its parameters in the rows that are about it, and its other names."""
    page = Page(ROOT / "docs" / POWERSHELL, {})
    assert POWERSHELL_VERSION in page.text
    words = re.findall(r"[\w-]+", literals(rows_of(command, page)))
    wanted = {f"-{name}".lower() for name in POWERSHELL_COMMANDS[command].split()}
    assert wanted - {word.lower() for word in words} == set()
    aliases = {alias for alias, name in POWERSHELL_ALIASES.items() if name == command}
    assert aliases - set(words) == set()


@pytest.mark.parametrize("name", [OFFICIAL, POWERSHELL])
def test_names_of_this_package_are_its_own(name: str) -> None:
    found = re.findall(r"\bgp\.(hub\.)?(\w+)", Page(ROOT / "docs" / name, {}).text)
    assert found
    for inside, attribute in found:
        assert hasattr(gp.hub if inside else gp, attribute), attribute


def test_examples_for_those_from_powershai(server: Server, folder: Path, hub: StandIn) -> None:
    """Those of the Hub are run with a stand-in, where a Space has the same app."""
    assert folder
    hub.target = server.url
    hub.add_space("alice/space", "SLEEPING").awake = ("RUNNING",)  # at once
    hub.add_models("alice/small", "alice/large", "bob/other")
    replaced = {ADDRESS: server.url, "hf_...": TOKEN}
    page = Page(ROOT / "docs" / POWERSHELL, replaced)
    assert run_examples(page.examples(), page.name, {}) == ""
    assert gp.sessions() == []
