"""The environment: every variable is checked, named and given a fix."""

from __future__ import annotations

import pytest

from headroom.errors import SettingsError
from headroom.settings import Settings

GOOD = {
    "HEADROOM_SSM_PREFIX": "/headroom/prod",
    "HEADROOM_TABLE": "headroom-prod",
    "HEADROOM_TOPIC_ARN": "arn:aws:sns:eu-west-2:123456789012:headroom",
    "HEADROOM_DEAD_LETTER_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/dead",
    "PATH": "/bin",
}


def test_what_is_not_said_has_its_default() -> None:
    settings = Settings.from_environment(GOOD)
    assert settings.table == "headroom-prod"
    assert (settings.config_ttl, settings.clock, settings.polyai_url) == (300, "system", None)
    assert not settings.project_metrics


def test_everything_can_be_said() -> None:
    more = {
        "HEADROOM_CONFIG_TTL": "0",
        "HEADROOM_CLOCK": "event",
        "HEADROOM_POLYAI_URL": "http://127.0.0.1:8080/",
        "HEADROOM_PROJECT_METRICS": "true",
    }
    settings = Settings.from_environment(GOOD | more)
    assert (settings.config_ttl, settings.clock, settings.project_metrics) == (0, "event", True)
    assert settings.polyai_url == "http://127.0.0.1:8080"


def test_an_installation_without_a_name_is_called_by_its_topic() -> None:
    """No two installations share one."""
    assert Settings.from_environment(GOOD).installation == GOOD["HEADROOM_TOPIC_ARN"]
    named = Settings.from_environment(
        GOOD | {"HEADROOM_INSTALLATION": "headroom-prod.123456789012"}
    )
    assert named.installation == "headroom-prod.123456789012"


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment(GOOD | {"HEADROOM_POLYAI_URL": ""}).polyai_url is None
    with pytest.raises(SettingsError, match="HEADROOM_TABLE is not set"):
        Settings.from_environment(GOOD | {"HEADROOM_TABLE": " "})


@pytest.mark.parametrize(
    ("name", "value", "way_out"),
    [
        ("SSM_PREFIX", "headroom/prod", "a path such as /headroom/prod"),
        ("SSM_PREFIX", "/headroom/prod/", "without a slash at its end"),
        ("SSM_PREFIX", "/", "a path such as"),
        ("TABLE", "a b", "DynamoDB table"),
        ("TOPIC_ARN", "headroom", "ARN of the SNS topic"),
        ("DEAD_LETTER_URL", "dead", "URL of the dead-letter"),
        ("CONFIG_TTL", "5 min", "whole seconds"),
        ("CONFIG_TTL", "-1", "whole seconds"),
        ("CLOCK", "Event", "system or event"),
        ("PROJECT_METRICS", "yes", "true or false"),
    ],
)
def test_a_bad_variable_is_named_with_its_value_and_the_way_out(
    name: str, value: str, way_out: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(GOOD | {f"HEADROOM_{name}": value})
    assert str(refused.value).startswith(f"HEADROOM_{name} is {value!r}: ")
    assert way_out in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://polyai.test",
        "polyai.test",
        "https://polyai.test/v1",
        "https://polyai.test?a=sesame",
        "https://polyai.test/#a",
        "https://me:sesame@polyai.test",
    ],
)
def test_an_address_that_is_not_a_host_alone_is_refused_and_never_shown(address: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(GOOD | {"HEADROOM_POLYAI_URL": address})
    assert str(refused.value).startswith("HEADROOM_POLYAI_URL is not usable: give an https address")
    assert "polyai.test" not in str(refused.value)
    assert "sesame" not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"HEADROOM_CLOCK": "x"})
    told = str(refused.value)
    for name in ("SSM_PREFIX", "TABLE", "TOPIC_ARN", "DEAD_LETTER_URL", "CLOCK"):
        assert f"HEADROOM_{name} is " in told


def test_the_process_environment_is_read_when_asked_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment().ssm_prefix == "/headroom/prod"
