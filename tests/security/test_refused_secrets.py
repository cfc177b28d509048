"""A secret in the wrong place is refused, and the refusal does not repeat it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.config.file import read
from headroom.config.parameters import parameters
from headroom.config.resolve import resolve
from headroom.errors import ConfigError, ConfigUnavailable
from tests.security.leaks import Secrets

ARN = "arn:aws:sns:eu-west-2:123456789012:calls"


def file(channel: str = "", keys: str = "default: abcdefghijkl", more: str = "limit: 9") -> str:
    """HOST/TOKEN stands for a Slack address, PAGER for a routing key, KEY for one of PolyAI's."""
    return f"""
defaults: {{region: uk-1, account_id: a, channels: [c]}}
keys: {{{keys}}}
channels: {{c: {{{channel or f"type: sns, topic_arn: '{ARN}'"}}}}}
projects: {{p: {{project_id: x, rules: {{r: {{warning: ">= 1"}}}}, {more}}}}}
"""


FIELDS = {
    "slack": ("webhook_url", "url", "type", "api_url"),
    "pagerduty": ("routing_key", "service_region", "api_url", "type"),
    "sns": ("topic_arn", "chatbot", "type"),
}
SECRETS = {"a webhook": "https://HOST/TOKEN", "a key": "PAGER"}

SLIPS = {
    f"{what} in {field} of {kind}": file(f"type: {kind}, {field}: '{secret}'")
    for kind, fields in FIELDS.items()
    for field in fields
    for what, secret in SECRETS.items()
    if (what, field) not in {("a webhook", "webhook_url"), ("a key", "routing_key")}
} | {
    "no TLS": file("type: slack, webhook_url: 'http://HOST/TOKEN'"),
    "a password": file("type: slack, webhook_url: 'https://u:PAGER@a.example.com/TOKEN'"),
    "a private host": file("type: slack, webhook_url: 'https://10.0.0.1/TOKEN'"),
    "Workflow Builder": file("type: slack, webhook_url: 'https://HOST/workflows/TOKEN'"),
    "a list": file("type: slack, webhook_url: ['https://HOST/TOKEN']"),
    "no blank before the address": file("type: slack, webhook_url:https://HOST/TOKEN"),
    "no blank before the key": file("type: pagerduty, routing_key:PAGER"),
    "for keys of the channel": file("type: pagerduty, PAGER: x, 'https://HOST/TOKEN': y"),
    "without a type": file("webhook_url: 'https://HOST/TOKEN', routing_key: PAGER"),
    "an address for the channel": file() + "channels: {c: 'https://HOST/TOKEN'}",
    "an address for the channel's name": file().replace("{c:", "{'https://HOST/TOKEN': x, c:"),
    "an unset variable": file("type: pagerduty, routing_key: 'env:PAGER'"),
    "no blank before the API key": file(keys="default:KEY"),
    "an API key of two lines": file(keys='default: "KEY\\nKEY"'),
    "an API key with blanks": file(keys='default: "key KEY"'),
    "an API key in a list": file(keys="default: [KEY]"),
    "the API key for its name": file(more="api_key: KEY"),
    "the API key for its name, and there is none": file(more="api_key: KEY", keys=""),
    "an address for a channel's name": file(more="channels: ['https://HOST/TOKEN']"),
    "a routing key for a channel's name": file(more="channels: [PAGER]"),
    "an address by severity": file(more="channels: {critical: ['https://HOST/TOKEN']}"),
    "an address for a severity": file(more="channels: {'https://HOST/TOKEN': [c]}"),
    "an address in the project": file(more="webhook_url: 'https://HOST/TOKEN', limit: PAGER"),
    "an address for the project's key": file(more="webhook_url:https://HOST/TOKEN"),
    "an address for the heartbeat": file() + "heartbeat: https://HOST/TOKEN",
    "no blank in the heartbeat": file() + "heartbeat: {url:https://HOST/TOKEN}",
    "a heartbeat without TLS": file() + "heartbeat: {url: 'http://HOST/TOKEN'}",
    "sections": file() + "'https://HOST/TOKEN': x\nPAGER: y",
    "no end": file() + 'more: "PAGER https://HOST/TOKEN',
    "a tab": file() + "more:\n\thttps://HOST/TOKEN",
    "a tag": file() + "more: !PAGER x",
    "an alias": file() + "more: *PAGER",
    "twice": file() + "more: {PAGER: 1, PAGER: 2}",
}


def said_of(path: Path) -> list[str]:
    """What a check would tell of the file, and what `push` would."""
    said = []
    try:
        config = resolve(read(path))
        said += [*config.problems(), *(refused.problem for refused in config.refused.values())]
        parameters(read(path))
    except (ConfigError, ConfigUnavailable) as error:
        said += [str(error), repr(error)]
    return said


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_no_refusal_repeats_a_secret(slip: str, tmp_path: Path) -> None:
    secrets = Secrets()
    parts = (secrets.new("team", 11), secrets.new("hook", 11), secrets.new("token"))
    text = slip.replace("HOST", "hooks.slack.com").replace("TOKEN", "services/" + "/".join(parts))
    text = text.replace("PAGER", secrets.new("routing key", 32))
    path = tmp_path / "alerts.yaml"
    path.write_text(text.replace("KEY", secrets.new("API key", 40)))
    said = said_of(path)
    assert said, "it is refused"
    assert secrets.found_in("\n".join(said)) == set()


def test_a_name_that_is_one_is_still_told(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(file(more="api_key: acme-uk-2026, channels: [ops-slack-london-2026, c]"))
    said = "\n".join(said_of(path))
    assert 'there is no API key "acme-uk-2026"' in said
    assert 'there is no channel "ops-slack-london-2026"' in said
