"""A secret in the wrong place is refused, and the refusal does not repeat it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from headroom.config.parameter_store import Stored
from headroom.config.raw import from_parameters
from headroom.config.resolve import problems, resolve
from headroom.config.wording import listed
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.config_file.publish import parameters
from headroom_cli.config_file.source import read
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
    "no mapping for a variable": file("type: pagerduty, routing_key: {'env:PAGER': x}"),
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
    "a routing key for a time zone": file(more="timezone: PAGER"),
    **{
        f"{what} for {key}": file().replace('">= 1"', f'">= 1", {key}: {value}')
        for key in ("during", "holidays", "timezone", "holidays_until")
        for what, value in (("an address", "['https://HOST/TOKEN']"), ("a routing key", "PAGER"))
    },
    "sections": file() + "'https://HOST/TOKEN': x\nPAGER: y",
    "no end": file() + 'more: "PAGER https://HOST/TOKEN',
    "a tab": file() + "more:\n\thttps://HOST/TOKEN",
    "a tag": file() + "more: !PAGER x",
    "an alias": file() + "more: *PAGER",
    "twice": file() + "more: {PAGER: 1, PAGER: 2}",
}


def said_of(path: Path) -> list[str]:
    """Everything that a check and `push` would say about the file."""
    said = []
    try:
        config = resolve(read(path))
        said += [*config.problems(), *(str(refused.problem) for refused in config.invalid.values())]
        said += [str(project.fault) for project in config.projects.values()]
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


SHAPES = {
    "a UUID": ("-", "3f2b8c1e", "9d4a", "4e7b", "8a1c", "0f6e5d4c3b2a"),
    "a secret key": ("_", "sk", "live", "51Hk2Qe9ZbXy7Lw3Vn8Tc6R"),
    "a secret key in pieces": ("_", "sk", "live", "abcd1234", "efgh5678", "ijkl9012"),
    "a bot token": ("-", "xoxb", "1234567890", "abcdefghij"),
    "a signing secret": ("_", "whsec", "C2FVsBQIhrscChlQIMV"),
    "groups": ("-", "pk", "Zx81", "Qw93", "Er72", "Ty64"),
    "a webhook's path": ("/", "T024BE7LD", "B0412AB", "9c8hXq7mT5kLp2RsVn3w"),
    "base64": ("+", "aGVhZHJvb20x", "c2VjcmV0Mg/Zm9vYmFyMw=="),
    "a token of three parts": (".", "eyJhbGciOiJ9", "eyJzdWIiOiIxMjM0", "SflKxwRJ5Me"),
}
"""How services write keys: the mark between their parts, then the parts. Put together at run time,
so that nothing that looks for keys in files finds these."""

RULE = {"warning": ">= 1"}
WRONG_PLACES: dict[str, Mapping[str, object]] = {
    "api_key": {"api_key": "KEY"},
    "api_key with a blank": {"api_key": "KEY "},
    "channels": {"channels": ["KEY"]},
    "channels by severity": {"channels": {"critical": ["KEY"]}},
    "a severity": {"channels": {"KEY": ["default"]}},
    "an unknown key": {"KEY": 1},
    **{
        name: {name: "KEY "}
        for name in ("region", "account_id", "project_id", "timezone", "client_env", "limit")
    },
    "a rule's name": {"rules": {"KEY ": RULE}},
    "a rule's unknown key": {"rules": {"r": {**RULE, "KEY": 1}}},
    "a rule's channels": {"rules": {"r": {**RULE, "channels": ["KEY"]}}},
    "a language twice": {"rules": {"r": {**RULE, "per": {"language": ["KEY", "KEY"]}}}},
    "an unknown per": {"rules": {"r": {**RULE, "per": {"KEY": ["a"]}}}},
    **{
        f"a rule's {name}": {"rules": {"r": {**RULE, name: "KEY\n"}}}
        for name in (
            *("warning", "critical", "for", "hysteresis", "missing", "remind", "per", "runbook"),
            *("client_env", "variant_id", "variant_name", "language", "phone_number", "channels"),
            "description",
        )
    },
}
"""Changes to a project that put a key where it does not belong."""


def refused(changes: Mapping[str, object]) -> str:
    """Everything that is said about a project with these changes."""
    project = {"region": "uk-1", "account_id": "a", "project_id": "p", "rules": {"r": RULE}}
    stored = [
        Stored("projects/line", json.dumps({**project, **changes}), secure=False, version=1),
        Stored("keys/acme-team-2026-support", "abcdefghijkl", secure=True, version=1),
        Stored("keys/default", "abcdefghijkl", secure=True, version=1),
    ]
    written = from_parameters(stored)
    configuration = resolve(written)
    entry = configuration.projects.get("line")
    told = str(entry.fault) if entry else str(configuration.invalid["line"].problem)
    found = problems(written).get("line", [])
    return "\n".join([listed(found), told, *configuration.problems()])


@pytest.mark.parametrize("changes", WRONG_PLACES.values(), ids=WRONG_PLACES)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_no_shape_of_key_is_repeated_whatever_it_was_put_in_place_of(
    shape: tuple[str, ...], changes: Mapping[str, object]
) -> None:
    mark, *parts = shape
    told = refused(json.loads(json.dumps(changes).replace("KEY", mark.join(parts))))
    for part in parts:
        assert part.isalpha() or part not in told


@pytest.mark.parametrize("key", ["sesame", "12345678", 12345678, ["sesame"], "sesame/sesame"])
def test_what_api_key_was_given_is_never_repeated_and_the_known_names_are(key: object) -> None:
    told = refused({"api_key": key})
    assert told.startswith("projects.line.api_key: ")
    assert "sesame" not in told
    assert "12345678" not in told


def test_a_key_of_no_known_name_says_which_are_known() -> None:
    why = "projects.line.api_key: there is no API key of this name: "
    told = refused({"api_key": "zzzz"}).splitlines()[0]
    assert told == f"{why}expected one of acme-team-2026-support, default"
    near = "acme-team-2026-supprt"
    told = refused({"api_key": near}).splitlines()[0]
    assert told == f'{why}did you mean "acme-team-2026-support"?'


@pytest.mark.parametrize(
    "name",
    [
        "ops-slack-london-2026",
        "ops-slack-europe-west-1",
        "acme-team-2026-support",
        "Acme.UK2.Support.Line1.v3",
        "the_people_who_answer_at_night",
        "headroom/prod/channels/ops",
        "2026-11-22-until-2026-12-24",
    ],
)
def test_a_name_that_is_one_is_still_told(name: str) -> None:
    assert f'there is no channel "{name}"' in refused({"channels": [name]})
    assert f"region: '{name}' is not known" in refused({"region": name})


def test_the_place_of_a_refusal_names_the_project_whatever_it_is_called(tmp_path: Path) -> None:
    """Named after its phone number; every notice of it tells that name, too."""
    path = tmp_path / "alerts.yaml"
    path.write_text(file(more="limits: 3").replace("p:", "london-support-02079460123:"))
    said = "\n".join(said_of(path))
    assert 'projects.london-support-02079460123: unknown key "limits"' in said
