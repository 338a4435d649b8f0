"""The table of what each release of Gradio can do."""

from __future__ import annotations

import itertools

import pytest

from gradioproxy.schema.release import NEWEST, Release

CAPABILITIES = [name for name, value in vars(Release).items() if hasattr(type(value), "__get__")]
CAPABILITIES = [name for name in CAPABILITIES if not name.startswith("_")]

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
    assert changes == {"mixes_up_batches": 2, "fails_over_endless_inputs": 2}.get(
        name, 0 if name == "is_understood" else 1
    )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("takes_uploads", (3, 19)),
        ("has_file_data", (4,)),
        ("has_simple_api", (4, 20)),
        ("cancels_calls", (4, 31)),
        ("cancels_queued_calls", (6, 14)),
    ],
)
def test_the_first_release_that_has_it_has_it(name: str, first: tuple[int, ...]) -> None:
    assert getattr(Release((*first, 0)), name)
    assert getattr(Release(first), name)
    assert not getattr(Release((*first[:-1], first[-1] - 1, 99)), name)


def test_the_newest_has_everything_and_no_defect() -> None:
    """As whatever is not known to be older counts."""
    assert NEWEST.cancels_queued_calls
    assert not NEWEST.mixes_up_batches


def test_a_version_that_is_none_can_do_nothing() -> None:
    assert not Release().is_understood
