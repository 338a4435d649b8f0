"""What wraps functions, and what carries them to other processes."""

from __future__ import annotations

import functools
import inspect
import json
import pickle
import unittest.mock
from typing import TYPE_CHECKING, Any

from tests.support.takers.calling import Call, takes_all, takes_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@takes_each
def partial(function: Any, arguments: dict[str, Any]) -> Any:
    """Bind the arguments."""
    return functools.partial(function, **arguments)()


@takes_each
def wraps(function: Any, arguments: dict[str, Any]) -> Any:
    """Wrap it in another function."""

    @functools.wraps(function)
    def called(*given: Any, **values: Any) -> Any:
        return function(*given, **values)

    assert inspect.signature(called) == inspect.signature(function)
    return called(**arguments)


@takes_each
def autospec(function: Any, arguments: dict[str, Any]) -> Any:
    """Mock it."""
    return unittest.mock.create_autospec(function, side_effect=function)(**arguments)


@takes_each
def standard_pickle(function: Any, arguments: dict[str, Any]) -> Any:
    """Pickle it, and what came."""
    result = pickle.loads(pickle.dumps(function))(**arguments)  # noqa: S301 - made here
    return pickle.loads(pickle.dumps(result))  # noqa: S301 - made here


@takes_each
def cloudpickle(function: Any, arguments: dict[str, Any]) -> Any:
    """Pickle them as clusters do."""
    import cloudpickle as library

    result = pickle.loads(library.dumps(function))(**arguments)  # noqa: S301 - made here
    return pickle.loads(library.dumps(result))  # noqa: S301 - made here


@takes_each
def dill(function: Any, arguments: dict[str, Any]) -> Any:
    """Pickle them by dill."""
    import dill as library

    result = library.loads(library.dumps(function))(**arguments)  # noqa: S301 - made here
    return library.loads(library.dumps(result))  # noqa: S301 - made here


@takes_all
def joblib(calls: Sequence[Call]) -> Iterable[Any]:
    """Call them in processes of joblib's."""
    from joblib import Parallel, delayed

    tasks = [delayed(call.function)(**call.arguments) for call in calls]
    results: list[Any] = Parallel(n_jobs=2, backend="loky")(tasks)
    return results


@takes_all
def dask(calls: Sequence[Call]) -> Iterable[Any]:
    """Call them in a cluster of Dask's, of one process."""
    from distributed import Client

    with Client(  # type: ignore[no-untyped-call]
        n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as client:
        tasks = [client.submit(call.function, **call.arguments, pure=False) for call in calls]
        results: list[Any] = client.gather(tasks)
    return results


@takes_all
def ray(calls: Sequence[Call]) -> Iterable[Any]:
    """Call them in a cluster of Ray's, of one process."""
    import ray as library

    library.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        tasks = [library.remote(call.function).remote(**call.arguments) for call in calls]
        results: list[Any] = library.get(tasks)
    finally:
        library.shutdown()
    return results


@takes_each
def datasets(function: Any, arguments: dict[str, Any]) -> Any:
    """Map a dataset by it; its rows have only what Arrow has."""
    from datasets import Dataset

    rows = Dataset.from_dict({"arguments": [json.dumps(arguments)]})
    results: list[Any] = []

    def call(row: dict[str, Any]) -> None:
        results.append(function(**json.loads(row["arguments"])))

    rows.map(call, load_from_cache_file=False)
    return results[0]
