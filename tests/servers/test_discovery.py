"""What `connect` makes of what real servers are at an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import gradioproxy as gp

if TYPE_CHECKING:
    from tests.support.gradio.running import RunningServers


@pytest.mark.parametrize("version", ["3.16.2", "3.36.1", "3.50.2"])
def test_an_interpretation(gradio: RunningServers, version: str) -> None:
    """Gradio 3.50 fails to answer /config for it, and the page has what is needed."""
    with gp.connect(gradio(version, "interpreted").url) as app:
        assert app.predict("hi") == "HI"


@pytest.mark.parametrize("version", ["5.50.0", "6.31.0"])
def test_a_page_of_an_app(gradio: RunningServers, version: str) -> None:
    """The address of a page leads to the app that it is of."""
    url = gradio(version, "pages").url
    with gp.connect(f"{url}/second") as app:
        assert app.url == url
        assert app.second("hi") == "HI"
        assert app.info is not None
    with gp.connect(url) as app:
        assert (app.first("HI"), app.second("hi")) == ("hi", "HI")
