"""Values of all kinds as many components send them, or why they do not."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tests.support.encodings import EXPECTED, PARAMETERS, VALUES, encode_all, folder_of_files


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_sent(name: str) -> None:
    """JSON with slots for files, or an error that names everything that is wrong."""
    text = EXPECTED.read_text(encoding="utf-8")
    if np.__version__.startswith("1."):  # which shows its numbers without their types
        text = re.sub(r"np\.(?!datetime64)\w+\(([\w.']*)\)", r"\1", text)
        text = text.replace("np.datetime64(", "numpy.datetime64(")
    expected = json.loads(text)[name]

    with folder_of_files():
        made = encode_all(name)

    assert made.keys() == VALUES.keys()
    for label, value in made.items():
        assert value == expected[label], label
