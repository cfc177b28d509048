from __future__ import annotations

import pytest

from headroom.domain.regions import studio_url
from tests.builders import line
from tests.unit.polyai.helpers import Script, fetch, ok


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-1", "api.us-1.platform.polyai.app"),
        ("uk-1", "api.uk-1.platform.polyai.app"),
        ("euw-1", "api.euw-1.platform.polyai.app"),
        ("studio", "api.studio.poly.ai"),
    ],
)
def test_each_region_is_asked_on_its_own_host_by_https(region: str, host: str) -> None:
    script = Script([ok()])
    fetch(script, of=line(region=region))
    assert (script.requests[0].url.scheme, script.requests[0].url.host) == ("https", host)
    assert script.requests[0].headers["host"] == host


def test_a_base_url_takes_the_place_of_every_host() -> None:
    script = Script([ok()], base_url="http://127.0.0.1:4010/")
    fetch(script)
    assert str(script.requests[0].url).startswith("http://127.0.0.1:4010/v1/acme-uk/acme-team-4/")


def test_studio_links_follow_the_region_and_escape_the_ids() -> None:
    assert studio_url("euw-1", "acme uk", "a/b") == "https://studio.eu.poly.ai/acme%20uk/a%2Fb"
    assert studio_url("studio", "a", "b") == "https://studio.poly.ai/a/b"
