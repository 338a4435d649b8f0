"""The stage of a call whose files go up, when others say something of it meanwhile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gradioproxy.calls.call import Call
from gradioproxy.calls.uploading import bring_up
from gradioproxy.files.payload import Payload
from gradioproxy.protocols.events import Started
from tests.support.scripted_peer import Runtime, make_job, record_of, tell

if TYPE_CHECKING:
    from gradioproxy.protocols.events import Event


@pytest.mark.parametrize(
    ("meanwhile", "then"), [([], "pending"), ([Started(None)], "running")], ids=["alone", "started"]
)
def test_the_stage_after_an_upload(meanwhile: list[Event], then: str) -> None:
    """It is what it was, unless the call has gone on: a chunk goes up while the call runs."""
    job = make_job()
    seen: list[str] = []

    def fill(*_: Any) -> list[Any]:
        seen.append(job.status.stage)
        tell(job, *meanwhile)
        return ["up"]

    call = Call(record_of(job), Runtime(), Payload([None], (cast("Any", "slot"),)))
    uploader = cast("Any", SimpleNamespace(fill=fill))
    assert bring_up(uploader, call, call.payload) == ["up"]
    assert (seen, job.status.stage) == (["uploading"], then)
