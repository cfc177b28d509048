"""Parameter Store: how often it is asked, what happens while it fails, and how keys are renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from botocore.exceptions import NoCredentialsError, SSOTokenLoadError
from moto import mock_aws
from pydantic import SecretStr

from headroom.config.parameter_store import reason
from headroom.config.ssm_source import SsmSource
from headroom.errors import ConfigError, ConfigUnavailable
from tests.unit.config.documents import SLACK, a_project, faults_of
from tests.unit.config.fake_ssm import PREFIX, FakeSsm


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSsm]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = FakeSsm()
        made.put("keys/default", "polyai-key-1")
        made.put("projects/line", a_project())
        yield made


def test_ssm_is_not_asked_while_the_cache_holds(ssm: FakeSsm) -> None:
    source = ssm.source(ttl=300)
    assert asyncio.run(source.load()).fresh
    ssm.clock.now += 299
    assert not asyncio.run(source.load()).fresh
    assert len(ssm.calls) == 1
    ssm.clock.now += 1
    assert asyncio.run(source.load()).fresh
    assert len(ssm.calls) == 2


def test_a_fresh_load_passes_the_cache(ssm: FakeSsm) -> None:
    source = ssm.source(ttl=300)
    asyncio.run(source.load())
    assert asyncio.run(source.load(fresh=True)).fresh
    assert len(ssm.calls) == 2


def test_a_time_to_live_of_zero_reads_every_time(ssm: FakeSsm) -> None:
    source = ssm.source(ttl=0)
    assert [asyncio.run(source.load()).fresh for _ in range(3)] == [True, True, True]
    assert len(ssm.calls) == 3


def test_an_unchanged_listing_is_not_worked_out_again(ssm: FakeSsm) -> None:
    source = ssm.source(ttl=0)
    first = asyncio.run(source.load())
    assert asyncio.run(source.load()).projects is first.projects
    ssm.put("projects/line", a_project(limit=60))
    assert asyncio.run(source.load()).projects["line"].limit == 60


def test_a_parameter_made_anew_is_seen_though_its_version_is_the_same(ssm: FakeSsm) -> None:
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    ssm.client.delete_parameter(Name=f"{PREFIX}/projects/line")
    ssm.put("projects/line", a_project(limit=60))
    assert asyncio.run(source.load()).projects["line"].limit == 60


def test_what_fails_on_the_way_to_aws_is_told_with_the_way_out() -> None:
    assert reason(NoCredentialsError()).startswith("NoCredentialsError: set AWS_PROFILE, or AWS_")
    assert reason(SSOTokenLoadError(profile_name="p", error_msg="e")) == "SSOTokenLoadError"


def test_while_ssm_fails_what_is_known_stays_in_force_and_the_trouble_is_told(
    ssm: FakeSsm,
) -> None:
    source = ssm.source(ttl=300)
    asyncio.run(source.load())
    ssm.failing = True
    ssm.clock.now += 10_000
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert not configuration.fresh
    assert configuration.unread == (
        "the parameters under /headroom/test could not be read: EndpointConnectionError: "
        "no way to ssm.test: is AWS_REGION right, and the network up?"
    )
    ssm.failing = False
    assert asyncio.run(source.load()).unread == ""


def test_nothing_known_and_nothing_readable_is_an_error_that_names_both(ssm: FakeSsm) -> None:
    ssm.failing = True
    with pytest.raises(ConfigUnavailable, match=r"/headroom/test .* EndpointConnectionError"):
        asyncio.run(ssm.source().load())


def test_what_is_no_parameter_of_ours_is_ignored_and_named(ssm: FakeSsm) -> None:
    for name in ("project/line", "channels/a/b", "defaults/x"):
        ssm.put(name, "{}", secure=False)
    ssm.put("projects/team/line", a_project())
    configuration = asyncio.run(ssm.source().load())
    assert sorted(configuration.ignored) == ["channels/a/b", "defaults/x", "project/line"]
    assert "no slash" in str(configuration.invalid["team/line"].problem)
    assert list(configuration.projects) == ["line"]


def test_secrets_that_everybody_may_read_are_refused(ssm: FakeSsm) -> None:
    ssm.put("channels/ops-slack", SLACK, secure=False)
    ssm.put("keys/europe", "polyai-key", secure=False)
    ssm.put("projects/a", a_project(channels=["ops-slack"]))
    ssm.put("projects/b", a_project(api_key="europe"))
    source = ssm.source()
    configuration = asyncio.run(source.load())
    assert list(configuration.invalid) == ["b"]
    assert faults_of(configuration) == {
        "channels.ops-slack": "store it as a SecureString; used by a",
        "keys.europe": "store it as a SecureString; not judged meanwhile: b",
    }
    with pytest.raises(ConfigError, match="store it as a SecureString"):
        asyncio.run(source.key("europe"))


async def many(source: SsmSource, rejected: SecretStr) -> set[str]:
    """Twenty requests that were all refused with the same key."""
    keys = await asyncio.gather(*(source.key("default", rejected=rejected) for _ in range(20)))
    return {key.get_secret_value() for key in keys}


def test_a_refused_key_is_read_once_for_all_that_ask_at_the_same_time(ssm: FakeSsm) -> None:
    source = ssm.source()
    old = asyncio.run(source.key("default"))
    ssm.put("keys/default", "polyai-key-2")
    assert asyncio.run(many(source, old)) == {"polyai-key-2"}
    assert ssm.calls == ["GetParameter"]


def test_a_key_that_is_the_same_still_is_not_asked_for_again_at_once(ssm: FakeSsm) -> None:
    source = ssm.source()
    old = asyncio.run(source.key("default"))
    ssm.calls.clear()

    async def twice(pause: float) -> None:
        assert await many(source, old) == {"polyai-key-1"}
        ssm.clock.now += pause
        assert await source.key("default", rejected=old) == old

    asyncio.run(twice(pause=14))
    assert ssm.calls == ["GetParameter"]
    ssm.clock.now += 1
    asyncio.run(source.key("default", rejected=old))
    assert ssm.calls == ["GetParameter"] * 2


def test_a_key_that_another_request_renewed_is_not_asked_for_again(ssm: FakeSsm) -> None:
    source = ssm.source()
    old = asyncio.run(source.key("default"))
    ssm.put("keys/default", "polyai-key-2")
    asyncio.run(source.key("default", rejected=old))
    ssm.clock.now += 60
    assert asyncio.run(source.key("default", rejected=old)).get_secret_value() == "polyai-key-2"
    assert ssm.calls == ["GetParameter"]


def test_a_key_stays_known_while_ssm_fails_and_goes_when_it_was_deleted(ssm: FakeSsm) -> None:
    source = ssm.source()
    old = asyncio.run(source.key("default"))
    ssm.failing = True
    assert asyncio.run(source.key("default", rejected=old)) == old
    ssm.failing = False
    ssm.clock.now += 15
    ssm.client.delete_parameter(Name=f"{PREFIX}/keys/default")
    with pytest.raises(ConfigError, match="there is no parameter /headroom/test/keys/default"):
        asyncio.run(source.key("default", rejected=old))


def test_loads_at_the_same_time_share_one_listing(ssm: FakeSsm) -> None:
    source = ssm.source()

    async def three() -> None:
        await asyncio.gather(source.load(), source.load(), source.load())

    asyncio.run(three())
    assert ssm.calls == ["GetParametersByPath"]
