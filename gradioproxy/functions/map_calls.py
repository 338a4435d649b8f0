"""Making many calls of one function: what ``map`` is asked for, checked and put together."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, replace
from itertools import repeat
from operator import length_hint
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import ArgumentError
from ..many.bar import MapBar
from ..many.feeding import feed
from ..many.session_runner import SessionRunner
from ..options import check_seconds
from ..progress_bar import is_wanted
from .codegen import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..calls.request import Encoded
    from ..errors import Problem
    from ..files.payload import Payload
    from ..many.bar import Watcher
    from ..many.entry import Entry
    from ..many.feeding import FallibleRunner
    from ..many.ledger import Ledger
    from .calling import Calling, JobParts

MOST_PROBLEMS = 20
"""How many problems of inputs are listed."""


@dataclass(frozen=True)
class MapOptions:
    """How many calls are made; see `caller.Caller.map`."""

    concurrency: int | None = None
    errors: Literal["raise", "keep"] = "raise"
    patience: float | None = 300
    journal: str | PathLike[str] | None = None
    retry: Literal["failed"] | None = None
    repeat_unknown: bool = False
    executor: Any = None
    shared_files: bool | None = None
    progress: bool | Literal["auto"] | Watcher = "auto"
    """Whether a bar shows how far it is; or what is told instead, as by our own command line."""

    def __post_init__(self) -> None:
        if self.errors not in {"raise", "keep"}:
            raise ValueError(f"errors must be 'raise' or 'keep', not {self.errors!r}")
        if self.concurrency is not None and not _is_count(self.concurrency):
            raise ValueError(f"concurrency must be at least 1, not {self.concurrency!r}")
        if self.patience is not None:
            check_seconds("patience", self.patience)
        if not (isinstance(self.progress, bool) or _is_watcher(self.progress)):
            raise ValueError(f"progress must be True, False or 'auto', not {self.progress!r}")
        if not (self.journal is None or isinstance(self.journal, str | PathLike)):
            raise ValueError(f"journal must be the path of a file, not {self.journal!r}")
        if self.retry not in {None, "failed"}:
            raise ValueError(f"retry must be 'failed' or None, not {self.retry!r}")
        if self.journal is None and (self.retry is not None or self.repeat_unknown):
            name = "retry" if self.retry is not None else "repeat_unknown"
            raise ValueError(f"{name}= is about what is in a journal; pass journal=, too")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_watcher(value: object) -> bool:
    """Tell whether a value is told how far a ``map`` is, or stands for a bar that is."""
    return value == "auto" or all(hasattr(value, name) for name in ("count", "draw", "close"))


class MapCalls:
    """The calls of one ``map``.

    Args:
        caller: Prepares them.
        iterables: The values of the first parameter, of the second, and so on.
        options: How they are made.

    Raises:
        TypeError: The function takes fewer or more values than there are iterables.
    """

    def __init__(
        self, caller: Calling, iterables: tuple[Iterable[Any], ...], options: MapOptions
    ) -> None:
        self._caller = caller
        self._iterables = iterables
        self._options = options
        self._inputs = _Rows(caller)
        self._check_columns()

    def _check_columns(self) -> None:
        """Do nothing, unless the iterables are not those of the function's parameters."""
        name, names, given = self._caller.name, self._caller.names, len(self._iterables)
        if given > len(names):
            raise TypeError(
                f"{name}.map() got {given} iterables, and {name}() has {len(names)} parameters: "
                f"{', '.join(names)}"
            )
        defaults = self._caller.defaults
        missing = [each for each in names[given:] if defaults.get(each, REQUIRED) is REQUIRED]
        if given and missing:
            raise TypeError(
                f"{name}.map() misses the values of {', '.join(missing)}: pass an iterable for "
                "each; itertools.repeat(value) gives the same one each time"
            )

    def run(self) -> Iterator[Any]:
        """Return an iterator over the results, in the order of the inputs.

        No call is made before it is begun.

        Raises:
            TypeError: The executor is none.
            ConnectionLost: Its cluster is gone.
        """
        options, caller = self._options, self._caller
        streams = caller.settings.engine.options.streams
        limit = streams if options.concurrency is None else options.concurrency
        has_journal = options.journal is not None
        here = SessionRunner(
            caller.begin, self._prepare_entry if has_journal else self._prepare, limit
        )
        if options.executor is None:
            return self._yield_results(here, options.patience)
        from .executor_calls import ExecutorCalls  # late: few scripts have an executor

        inputs = _Entries() if has_journal else self._inputs
        calls = ExecutorCalls(caller, inputs, here, has_journal)
        runner, patience = calls.make_runner(
            options.executor, options.patience, shared_files=options.shared_files
        )
        return self._yield_results(runner, patience)

    def _yield_results(self, runner: FallibleRunner, patience: float | None) -> Iterator[Any]:
        """Yield the results that a runner brings."""
        items = zip(*self._iterables)  # noqa: B905 - the shortest ends it, as with the built-in
        ledger = None
        self._check_inputs()
        if self._options.journal is not None:
            ledger = self._open_ledger(Path(self._options.journal))
        keep = self._options.errors == "keep"
        watcher = self._make_watcher()
        yield from feed(runner, items, keep=keep, patience=patience, ledger=ledger, watcher=watcher)

    def _make_watcher(self) -> Watcher | None:
        progress = self._options.progress
        if not isinstance(progress, bool | str):
            return progress
        if not is_wanted(
            self._caller.settings.options.progress if progress == "auto" else progress
        ):
            return None
        sizes = [len(each) for each in self._iterables if isinstance(each, Sized)]
        known = len(sizes) == len(self._iterables)
        return MapBar(self._caller.name, min(sizes, default=None) if known else None)

    def _prepare(self, item: tuple[Any, ...]) -> JobParts:
        return self._caller.prepare_job(self._inputs.bind(item))

    def _check_inputs(self) -> None:
        """Do nothing, unless something is wrong with inputs that are here already.

        Raises:
            ArgumentError: What is wrong with which of them; nothing was called.
        """
        if self._options.errors == "keep" or not _are_here(self._iterables):
            return
        problems: list[Problem] = []
        kinds: set[type[ArgumentError]] = set()
        for number, item in enumerate(zip(*self._iterables)):  # noqa: B905 - as above
            try:
                self._inputs.encode(item)
            except ArgumentError as error:
                kinds.add(type(error))
                problems += [
                    replace(problem, parameter=f"input {number}, {problem.parameter}")
                    for problem in error.problems
                ]
            if len(problems) >= MOST_PROBLEMS:
                break
        if problems:
            # A missing file stays one, for whoever catches that.
            kind = kinds.pop() if len(kinds) == 1 else ArgumentError
            raise kind(self._caller.name, problems)

    # With a journal.

    def _encode(self, item: tuple[Any, ...]) -> Encoded:
        return self._caller.encode_call(self._inputs.bind(item))

    def _prepare_entry(self, entry: Entry) -> JobParts:
        return self._caller.make_job(entry.encoded, entry)

    def _open_ledger(self, path: Path) -> Ledger:
        from ..many.contract import describe_contract, name_default
        from ..many.kept_files import FileKeeper
        from ..many.keys import KeyMaker
        from ..many.ledger_file import FileLedger
        from ..many.recorder import Recorder
        from ..many.stored import ResultReader

        caller, options, given = self._caller, self._options, len(self._iterables)
        endpoint, names = caller.endpoint, caller.names
        endpoint.ensure_callable(caller.name)
        keys = KeyMaker(
            names[:given], endpoint.parameters[:given], caller.settings.options, caller.hide
        )
        recorder = Recorder(
            path,
            describe_contract(endpoint, names),
            unused={name_default(name) for name in names[:given]},
            retry_failed=options.retry == "failed",
            repeat_unknown=options.repeat_unknown,
        )
        keeper = FileKeeper(recorder.file.files)
        way, prefix = caller.settings.way, caller.settings.engine.app.prefix
        reader = ResultReader(caller.make_decoder(), keeper, way, prefix)
        return FileLedger(recorder, keys, keeper, reader, self._encode, caller.hide)


def _are_here(iterables: tuple[Iterable[Any], ...]) -> bool:
    """Tell whether inputs can all be looked at beforehand, and are as many afterwards.

    What an iterator gives is taken when its turn comes, and so is what a sequence makes when it is
    asked, such as a column of a data set on the disk.
    """
    # These alone have no end that is near.
    has_values = any(isinstance(each, list | tuple | str) for each in iterables)
    return has_values and all(
        isinstance(each, list | tuple | str | range) or _is_endless_repeat(each)
        for each in iterables
    )


def _is_endless_repeat(iterable: Iterable[Any]) -> bool:
    """Tell whether an iterable gives one value again and again, however many were taken."""
    return isinstance(iterable, repeat) and length_hint(iterable, -1) == -1


class _Rows:
    """The inputs of a map: the values of its iterables.

    Args:
        caller: The caller of the function.
    """

    def __init__(self, caller: Calling) -> None:
        self._caller = caller
        self._signature = caller.make_signature()

    def bind(self, item: tuple[Any, ...]) -> Mapping[str, Any]:
        """Return the arguments of an input by name."""
        bound = self._signature.bind(*item)
        bound.apply_defaults()
        return bound.arguments

    def encode(self, item: tuple[Any, ...]) -> Payload:
        """Return what the call of an input sends, or raise what is wrong with it."""
        return self._caller.encode(self.bind(item))


class _Entries:
    """The inputs of a map with a journal, which were encoded to be looked up there."""

    @staticmethod
    def bind(item: Entry) -> Mapping[str, Any]:
        """Return the arguments of an input by name."""
        return item.encoded.arguments

    @staticmethod
    def encode(item: Entry) -> Payload:
        """Return what the call of an input sends."""
        return item.encoded.payload
