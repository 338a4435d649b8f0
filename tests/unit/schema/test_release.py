"""The table of what each release of Gradio can do."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from gradioproxy.schema.release import NEWEST, Release

ROOT = Path(__file__).resolve().parents[3]
CAPABILITIES = {name: value for name, value in vars(Release).items() if hasattr(value, "first")}
DEFECTS = {"mixes_up_batches", "fails_over_endless_inputs"}

# One of each minor version, and those that are named to the last number.
RELEASES = [
    *((3, minor, 0) for minor in range(60)),
    (3, 17, 1),
    *((4, minor, 0) for minor in range(60)),
    *((5, minor, 0) for minor in range(60)),
    *((6, minor, 0) for minor in range(60)),
    (7, 0, 0),
]


@pytest.mark.parametrize("name", CAPABILITIES)
def test_a_release_has_what_those_before_it_have_but_for_one_change(name: str) -> None:
    """Two with a defect that came and went; and each name is about versions that exist."""
    having = [getattr(Release(release), name) for release in sorted(RELEASES)]
    changes = sum(before != after for before, after in itertools.pairwise(having))
    assert set(having) <= {True, False}
    assert changes == (2 if name in DEFECTS else name != "is_understood")


# Once more, since most lie between the versions that the tests have servers of.
FIRST = {
    "is_understood": (3,),
    "turns_images_upright": (3, 17, 1),
    "takes_uploads": (3, 19),
    "takes_event_data": (3, 21),
    "forgets_closed_websockets": (3, 25),
    "describes_values": (3, 26),
    "describes_every_function": (4,),
    "describes_values_by_schema": (4,),
    "queues_by_default": (4,),
    "has_file_data": (4,),
    "has_strict_containers": (4,),
    "names_calls": (4,),
    "mixes_up_batches": (4,),
    "notices_lost_streams": (4, 1),
    "takes_trigger_ids": (4, 3),
    "sends_heartbeats": (4, 4),
    "has_simple_api": (4, 20),
    "sends_whole_values_if_asked": (4, 20),
    "announces_stream_end": (4, 22),
    "has_heartbeat_streams": (4, 25),
    "reads_page_query": (3, 45),
    "cancels_calls": (4, 31),
    "refuses_streams_of_no_call": (4, 31),
    "keeps_parts_that_fail": (5, 33),
    "fetches_urls": (5,),
    "fails_over_endless_inputs": (5,),
    "has_plain_errors": (5, 3),
    "compares_slider_values": (5, 39),
    "cancels_in_company": (5, 46),
    "closes_feeds_at_rest": (6,),
    "runs_generators_in_queue_only": (6,),
    "sleeps_over_streams": (6, 11),
    "cancels_queued_calls": (6, 14),
}
LAST_BEFORE = {
    "knows_runs_by_hash_alone": (4,),
    "mixes_up_batches": (4, 20),
    "fails_over_endless_inputs": (5, 5),
    "lists_false": (6, 10),
    "knows_runs_by_address": (6, 27),
}


@pytest.mark.parametrize("name", CAPABILITIES)
def test_from_the_first_release_that_has_it_to_the_last(name: str) -> None:
    first, end = FIRST.get(name), LAST_BEFORE.get(name)
    assert first or end
    if first:
        assert getattr(Release((*first, 0)), name)
        assert getattr(Release(first), name)
        assert not getattr(Release((*first[:-1], first[-1] - 1, 99)), name)
    if end:
        assert not getattr(Release(end), name)
        assert getattr(Release((*end[:-1], end[-1] - 1, 99)), name)


def test_the_newest_has_everything_and_no_defect() -> None:
    """As whatever is not known to be older counts."""
    for name, releases in CAPABILITIES.items():
        assert getattr(NEWEST, name) is not (name in DEFECTS or releases.first == ())


def test_a_version_that_is_none_can_do_nothing() -> None:
    for name, releases in CAPABILITIES.items():
        assert getattr(Release(), name) is (releases.first == ())


def test_releases_are_compared_in_the_table_only() -> None:
    """Nobody can put a threshold elsewhere."""
    assert Release((4, 44)) == Release((4, 44)) != Release((4,))
    with pytest.raises(TypeError):
        assert Release((4, 44)) < Release((5,))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        (
            "README.rst",
            r"^(\S+) to \S+ +websocket, direct +the same, with up",
            "takes_uploads",
        ),
        ("README.rst", r"^(\S+) to 4\.44 +``sse_v3``", "announces_stream_end"),
        ("README.rst", r"Batch functions of Gradio (\S+) to (\S+) ", "mixes_up_batches"),
        ("README.rst", r"streamed\s+inputs of (\S+) to (\S+) ", "fails_over_endless_inputs"),
        ("README.rst", r"\(before Gradio (\d+\.\d+)\)", "knows_runs_by_address"),
        ("docs/differences.rst", r"and Slider from (\S+) on", "compares_slider_values"),
    ],
)
def test_what_people_read_is_what_the_table_says(file: str, text: str, name: str) -> None:
    """Texts name the last release that has something, and the table the first that has not."""
    found = re.search(text, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    said = [tuple(map(int, version.split("."))) for version in found.groups()]
    releases = CAPABILITIES[name]
    if len(said) == 2:
        said[1] = said[1][0], said[1][1] + 1
    bounds = [bound for bound in (releases.first, releases.end) if bound and bound[0] < 100]
    assert said == [(*bound, 0)[:2] for bound in bounds]
