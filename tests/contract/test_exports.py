"""The package's names are there, are what they say, and cost nothing until they are used."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import pkgutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import gradioproxy

SOURCE = Path(gradioproxy.__file__)
HOMES: dict[str, str] = vars(gradioproxy)["_HOME"]
MODULES = {module.name for module in pkgutil.iter_modules(gradioproxy.__path__)}

# Every public name that there is or is to be. A name of a module here is that module.
KNOWN = {
    *("connect", "sessions", "session", "set_default", "create_functions", "created_functions"),
    *("remove_functions", "get_info", "send", "event", "upload", "file", "pipe", "hub", "export"),
    *("Session", "Function", "Job", "Jobs", "Stream", "Status", "Event", "Update", "File"),
    *("FileLike", "Feed"),
    "REQUIRED",
    *("GradioProxyError", "ConnectError", "ConnectionLost", "Timeout", "ServerError", "NotGradio"),
    *("SchemaError", "AuthenticationError", "UnknownEndpoint", "ArgumentError", "MissingFile"),
    *("FileTooLarge", "SpaceError", "AppError", "QueueFull", "QuotaExceeded", "RateLimited"),
    *("JobCancelled", "FileGone", "NameTaken", "SessionExists", "SessionClosed", "TooManyJobs"),
    *("TooLarge", "Limits", "diagnose", "Diagnosis", "request", "Response"),
    *("NotRecorded", "NotFaked"),
    *("replicas", "Replicas"),
    "JournalError",
    *("TooLarge", "Limits", "Journal", "diagnose", "Diagnosis", "request", "Response"),
    *("NoDefaultSession", "SchemaChanged", "ProtocolError", "FileNotSaved", "NameCollision"),
}


def run(code: str) -> list[str]:
    """Run code in a fresh interpreter and return the words that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_all_is_what_can_be_imported() -> None:
    """``__all__`` has every public name once, each can be had, and is known."""
    assert len(gradioproxy.__all__) == len(set(gradioproxy.__all__))
    for name in gradioproxy.__all__:
        assert getattr(gradioproxy, name) is getattr(gradioproxy, name)
    assert set(gradioproxy.__all__) <= KNOWN
    assert set(dir(gradioproxy)) == {*gradioproxy.__all__, "__version__"}
    namespace: dict[str, Any] = {}
    exec("from gradioproxy import *", namespace)  # noqa: S102 - as a caller would
    assert set(gradioproxy.__all__) <= set(namespace)


def test_type_checkers_see_the_same_names() -> None:
    """What type checkers read as imports is what is imported when it is used."""
    tree = ast.parse(SOURCE.with_suffix(".pyi").read_text(encoding="utf-8"))
    seen = {
        alias.asname: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    homes = {name: (home, name) for name, home in HOMES.items()}
    assert seen == homes | {"hub": (None, "hub"), "__version__": ("_version", "__version__")}


@pytest.mark.parametrize("name", gradioproxy.__all__)
def test_a_name_is_the_object_of_its_module(name: str) -> None:
    """A public name is what its module has, and says where it is from."""
    module = importlib.import_module(f"gradioproxy.{HOMES.get(name, name)}")
    value = getattr(gradioproxy, name)

    assert value is getattr(module, name, module)
    if isinstance(value, type):
        assert value.__name__ == name
        assert value.__doc__


def test_no_name_is_taken_by_a_module() -> None:
    """``gradioproxy.session`` is the function, whatever was imported and in whichever order."""
    for name in set(gradioproxy.__all__) & MODULES:
        assert getattr(gradioproxy, name) is importlib.import_module(f"gradioproxy.{name}")

    wrong = run(
        """
        import importlib, importlib.util, pkgutil, sys
        import gradioproxy

        left_out = () if importlib.util.find_spec("mcp") else ("gradioproxy.mcp.",)

        def import_all():
            for module in pkgutil.walk_packages(gradioproxy.__path__, "gradioproxy."):
                if not module.name.startswith(left_out):
                    importlib.import_module(module.name)

        def values():
            return {name: getattr(gradioproxy, name) for name in gradioproxy.__all__}

        before = values()
        import_all()
        assert all(value is before[name] for name, value in values().items())

        for name in [name for name in sys.modules if name.startswith("gradioproxy")]:
            del sys.modules[name]
        import gradioproxy
        import_all()
        for name, value in values().items():
            if type(value).__name__ != type(before[name]).__name__:
                print(name)
        """
    )
    assert wrong == []


def test_unknown_names() -> None:
    """A name that there is not is an `AttributeError`, as of any module."""
    with pytest.raises(AttributeError, match="module 'gradioproxy' has no attribute 'nothing'"):
        _ = gradioproxy.nothing  # type: ignore[attr-defined]
    assert not hasattr(gradioproxy, "__wrapped__")


def test_importing_the_package_loads_nothing_else() -> None:
    """``import gradioproxy`` loads no other package, and next to nothing of itself."""
    loaded = run(
        """
        import sys

        def show(before):
            new = {name for name in sys.modules if name not in before}
            stranger = {name.partition(".")[0] for name in new} - sys.stdlib_module_names
            print(",".join(sorted(stranger)) or "-", end=" ")
            print(",".join(sorted(name for name in new if name.startswith("gradioproxy"))))

        before = set(sys.modules)
        import gradioproxy
        show(before)
        dir(gradioproxy), gradioproxy.__version__, gradioproxy.ConnectError, gradioproxy.sessions()
        show(before)
        assert "asyncio" not in sys.modules
        """
    )

    registry = "client client.registry client.sessions errors forksafe stable_names text"
    assert loaded == [
        *("gradioproxy", modules("_version")),
        *("gradioproxy", modules(f"_pickling _version {registry}")),
    ]


def modules(names: str) -> str:
    """Return the full names of modules of the package, and its own, with commas between them."""
    return ",".join(["gradioproxy", *(f"gradioproxy.{name}" for name in names.split())])


def test_names_can_be_used_in_any_order() -> None:
    """A name of each module can be the first that is used of the package."""
    failed = run(
        """
        import sys
        import gradioproxy

        for name in {home: name for name, home in gradioproxy._HOME.items()}.values():
            for module in [module for module in sys.modules if module.startswith("gradioproxy")]:
                del sys.modules[module]
            import gradioproxy
            try:
                getattr(gradioproxy, name)
            except Exception as error:
                print(name, type(error).__name__)
        """
    )
    assert failed == []


def test_the_version_is_that_of_the_package() -> None:
    """The version in the code is the one in the metadata."""
    assert importlib.metadata.version("gradioproxy") == gradioproxy.__version__
    assert SOURCE.with_name("py.typed").exists()
