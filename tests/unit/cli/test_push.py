"""`headroom push` shows what would change, asks, and then writes exactly that."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from headroom.config.parameter_store import Stored
from headroom.errors import ConfigError
from headroom_cli.config_file.publish import Parameter
from headroom_cli.demo.cloud import Cloud
from headroom_cli.main import run
from headroom_cli.push.command import parameter_store, push
from headroom_cli.push.differences import differences
from tests.unit.cli.deployed import deploy

PREFIX = "/headroom/test"
ALERTS = """
defaults: {region: uk-1, account_id: acme}
projects:
  support-line: {project_id: support, limit: 20, rules: {near: {warning: ">= 80%"}}}
keys: {default: a-polyai-key}
"""


class Desk:
    """An operator with a file, and an account in which nothing is stored yet."""

    def __init__(self, config: Path, ssm: Any) -> None:  # noqa: ANN401 (a client of botocore's)
        self.config, self.ssm = config, ssm
        self.asked: list[str] = []
        config.write_text(ALERTS, "utf-8")

    def push(
        self,
        *,
        agree: bool = True,
        dry_run: bool = False,
        prune: bool = False,
        prefix: str = PREFIX,
    ) -> str:
        def agreed(question: str) -> bool:
            self.asked.append(question)
            return agree

        console = Console(file=io.StringIO(), width=200)
        push(
            console,
            lambda: self.ssm,
            self.config,
            prefix,
            dry_run=dry_run,
            prune=prune,
            agreed=agreed,
        )
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    def value(self, name: str) -> str:
        return str(self.ssm.get_parameter(Name=f"{PREFIX}/{name}")["Parameter"]["Value"])

    def stored(self) -> dict[str, str]:
        found = self.ssm.get_parameters_by_path(Path=PREFIX, Recursive=True)["Parameters"]
        return {each["Name"].removeprefix(f"{PREFIX}/"): each["Type"] for each in found}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Cloud() as cloud:
        yield Desk(tmp_path / "alerts.yaml", cloud.client("ssm"))


def test_what_is_agreed_to_is_written_and_secrets_are_secure(desk: Desk) -> None:
    said = desk.push()
    assert desk.asked == [f"write 3 parameters under {PREFIX}?"]
    assert desk.stored() == {
        "defaults": "String",
        "keys/default": "SecureString",
        "projects/support-line": "String",
    }
    assert f"created    {PREFIX}/keys/default" in said
    assert "a-polyai-key" not in said


@pytest.mark.parametrize(("agree", "dry_run"), [(False, False), (True, True)])
def test_without_agreement_and_in_a_dry_run_nothing_is_written(
    desk: Desk, *, agree: bool, dry_run: bool
) -> None:
    said = desk.push(agree=agree, dry_run=dry_run)
    assert said.count("created") == 3
    assert desk.stored() == {}
    assert len(desk.asked) == (not dry_run)


def test_a_dry_run_lists_the_heartbeat_as_a_secret_and_not_its_address(desk: Desk) -> None:
    with desk.config.open("a", encoding="utf-8") as file:
        file.write("heartbeat: {url: https://hc-ping.com/sesame}\n")
    (line,) = [line for line in desk.push(dry_run=True).splitlines() if "heartbeat" in line]
    assert line.startswith(f"created    {PREFIX}/heartbeat ")
    assert line.endswith(" SecureString")


def test_what_is_stored_already_is_not_asked_about(desk: Desk) -> None:
    desk.push()
    assert "nothing to write" in desk.push()
    assert len(desk.asked) == 1


def test_what_the_file_lacks_goes_only_when_told(desk: Desk) -> None:
    desk.push()
    desk.config.write_text(ALERTS.replace("support-line", "sales-line"), "utf-8")
    extra = [line for line in desk.push().splitlines() if line.startswith("extra")]
    assert extra[0].endswith("/projects/support-line        still in force; --prune deletes it")
    assert "projects/support-line" in desk.stored()
    assert "deleted" in desk.push(prune=True)
    assert "projects/support-line" not in desk.stored()


def test_only_the_sections_of_the_file_are_written(desk: Desk) -> None:
    """What is stored is part of what is checked."""
    desk.push()
    desk.config.write_text("keys: {default: another-key}\n", "utf-8")
    said = desk.push(prune=True)
    assert desk.asked[1:] == [f"write 1 parameter under {PREFIX}?"]
    assert said.count(PREFIX) == 1
    assert json.loads(desk.value("defaults")) == {"region": "uk-1", "account_id": "acme"}
    more = ALERTS[ALERTS.index("projects:") : ALERTS.index("keys:")]
    desk.config.write_text(more.replace("support-line", "sales-line"), "utf-8")
    assert f"created    {PREFIX}/projects/sales-line" in desk.push()
    assert "projects/support-line" in desk.stored()


def test_what_would_break_a_stored_project_is_refused(desk: Desk) -> None:
    desk.push()
    for text in ("defaults: {region: uk-1}\n", "defaults: {}", "keys: {}"):
        desk.config.write_text(text, "utf-8")
        with pytest.raises(ConfigError, match=r"projects\.support-line.*this project is stored"):
            desk.push(prune=True)


def test_what_is_stored_and_broken_already_is_no_reason_to_refuse(desk: Desk) -> None:
    desk.push()
    desk.ssm.put_parameter(Name=f"{PREFIX}/projects/broken", Value="{", Type="String")
    desk.config.write_text("keys: {default: another-key}\n", "utf-8")
    desk.push()
    assert len(desk.asked) == 2


def test_the_last_of_a_section_can_be_deleted_and_is_told_as_that(desk: Desk) -> None:
    desk.push()
    desk.config.write_text("projects: {}\nkeys: {europe: polyai-key}\n", "utf-8")
    assert "would write 1 parameter and delete 2 parameters" in desk.push(prune=True, dry_run=True)
    assert desk.push(prune=True).endswith("once they read the configuration again\n")
    assert desk.asked[1:] == [f"write 1 parameter and delete 2 parameters under {PREFIX}?"]
    assert set(desk.stored()) == {"defaults", "keys/europe"}


def test_a_section_with_nothing_under_it_deletes_nothing(desk: Desk) -> None:
    """All of its lines may be comments for now."""
    desk.push()
    desk.config.write_text("projects:\n# support-line: ...\nkeys: {default: polyai-key}\n", "utf-8")
    desk.push(prune=True)
    assert "projects/support-line" in desk.stored()


def test_a_refused_file_writes_nothing(desk: Desk) -> None:
    desk.config.write_text(ALERTS.replace("limit: 20, ", ""), "utf-8")
    with pytest.raises(ConfigError, match=r"projects\.support-line\.rules\.near"):
        desk.push()
    assert desk.stored() == {}
    assert desk.asked == []


def test_a_slash_at_the_end_of_the_prefix_changes_nothing(desk: Desk) -> None:
    desk.push(prefix=f"{PREFIX}/")
    assert desk.asked == [f"write 3 parameters under {PREFIX}?"]
    assert "keys/default" in desk.stored()


@pytest.mark.parametrize(
    ("region", "older", "used"),
    [("eu-west-2", "us-east-1", "eu-west-2"), ("", "us-east-1", "us-east-1")],
)
def test_the_region_is_that_of_either_variable_and_the_common_one_first(
    monkeypatch: pytest.MonkeyPatch, region: str, older: str, used: str
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", older)
    assert parameter_store().meta.region_name == used


def changes(said: str) -> list[str]:
    """The lines below the parameters."""
    return [line.strip() for line in said.splitlines() if line.startswith(" ")]


def test_what_changes_is_shown_with_its_old_and_new_value(desk: Desk) -> None:
    desk.push()
    desk.config.write_text(
        ALERTS.replace("limit: 20", "limit: 30").replace(">= 80%", ">= 90%"), "utf-8"
    )
    assert changes(desk.push(dry_run=True)) == [
        "limit: 20 -> 30",
        'rules.near.warning: ">= 80%" -> ">= 90%"',
    ]
    desk.config.write_text(
        ALERTS.replace("{near: {", "{near: {runbook: 'https://x.test/a', "), "utf-8"
    )
    assert changes(desk.push(dry_run=True)) == [
        'rules.near.runbook: (not set) -> "https://..."',
    ]


CHANNEL = "channels: {ops: {type: slack, webhook_url: 'https://hooks.slack.com/services/%s'}}\n"


def test_of_a_long_list_is_shown_what_came_and_what_went(desk: Desk) -> None:
    """A calendar is forty dates: their beginning would be the same before and after."""

    def edit(holidays: str) -> str:
        rule = f'{{warning: ">= 80%", holidays: {holidays}}}'
        desk.config.write_text(ALERTS.replace('{warning: ">= 80%"}', rule), "utf-8")
        lines = (line.strip() for line in desk.push().splitlines())
        return next((line for line in lines if line.startswith("rules.near.holidays: ")), "")

    edit("[US]")
    assert edit("[US, 2026-12-24]") == "rules.near.holidays: added 2026-12-24"
    assert edit("[2026-12-24, US]") == ""
    assert edit("[US, 2026-12-23]") == ("rules.near.holidays: added 2026-12-23; removed 2026-12-24")
    assert edit("[2026-12-23]").startswith("rules.near.holidays: removed 20")


def test_of_a_secret_only_is_shown_that_it_changes(desk: Desk) -> None:
    desk.config.write_text(ALERTS + CHANNEL % "T0/B0/sesame-one", "utf-8")
    desk.push()
    desk.config.write_text(
        ALERTS.replace("a-polyai-key", "another-key") + CHANNEL % "T0/B0/sesame-two", "utf-8"
    )
    said = desk.push()
    assert changes(said) == ["the value: *** -> *** (changed)", "webhook_url: *** -> *** (changed)"]
    assert not any(secret in said for secret in ("sesame", "another-key", "a-polyai-key"))


def test_a_secret_that_was_stored_in_plain_text_is_not_shown_either(desk: Desk) -> None:
    desk.push()
    desk.ssm.delete_parameter(Name=f"{PREFIX}/keys/default")
    desk.ssm.put_parameter(Name=f"{PREFIX}/keys/default", Value="sesame-plain", Type="String")
    said = desk.push()
    assert "it was stored in plain text: replace the secret itself, too" in said
    assert "sesame" not in said


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ({"api_key": "k3y-sesame"}, "api_key: *** -> *** (changed)"),
        ({"api_kee": "k3y-sesame"}, "api_kee: *** -> (not set)"),
        ({"webhook": {"url": "sesame"}}, "webhook.url: *** -> (not set)"),
        ({"limit": {"key": "sesame"}}, "limit.key: *** -> (not set)"),
        ({"rules": {"near": "sesame"}}, "rules.near: *** -> (not set)"),
        ({"rules": {"near": {"url": "sesame"}}}, "rules.near.url: *** -> (not set)"),
        ({"channels": {"warning": ["ops"]}}, 'channels.warning: ["ops"] -> (not set)'),
        ({"account_id": "SESAMEabcdefghijklmnopqrst"}, 'account_id: "..." -> (not set)'),
        ({"account_id": "sk_12_SESAMEabcdefghijklmnop"}, 'account_id: "..." -> (not set)'),
        ({"SESAMEabcdefghijklmnopqrst": 1}, "...: *** -> (not set)"),
    ],
)
def test_a_secret_that_was_pasted_into_a_project_is_not_shown(
    stored: dict[str, object], shown: str
) -> None:
    old = Stored("projects/line", json.dumps(stored), secure=False, version=1)
    new = Parameter("projects/line", SecretStr('{"api_key": "default"}'), secure=False)
    told = differences(old, new)
    assert shown in told
    assert "sesame" not in "".join(told).lower()


def test_what_was_broken_by_hand_is_told_as_that_and_not_repeated(desk: Desk) -> None:
    desk.push()
    name = f"{PREFIX}/projects/support-line"
    desk.ssm.put_parameter(Name=name, Value="{sesame", Type="String", Overwrite=True)
    said = desk.push()
    assert changes(said) == ["the stored value is not valid JSON"]
    assert "sesame" not in said


@pytest.mark.parametrize(("text", "status"), [(ALERTS, 1), ("projects: [", 2)])
def test_an_account_that_cannot_be_read_and_a_bad_file_have_different_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, status: int
) -> None:
    """A pipeline may try the first again, and not the second."""
    for name, value in (("ENDPOINT_URL", "http://127.0.0.1:9"), ("MAX_ATTEMPTS", "1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    for name in ("REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "eu-west-2")
    config = tmp_path / "alerts.yaml"
    config.write_text(text)
    with pytest.raises(SystemExit) as ended:
        run(["push", "--config", str(config), "--yes"])
    assert ended.value.code == status


def test_a_stack_tells_the_prefix_and_the_key(
    cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = deploy(cloud, KmsKeyArn="arn:aws:kms:eu-west-2:123456789012:key/own")
    config = tmp_path / "alerts.yaml"
    config.write_text(ALERTS, "utf-8")
    assert deployed.run("push", "--config", str(config), "--yes") == 0
    assert f"created    {deployed.stack.prefix}/keys/default" in capsys.readouterr().out
    found = deployed.client("ssm").describe_parameters()["Parameters"]
    (key,) = [each for each in found if each["Name"] == f"{deployed.stack.prefix}/keys/default"]
    assert key["KeyId"].endswith("key/own")
    missing = replace(deployed, stack=replace(deployed.stack, name="headroom-pord"))
    assert missing.run("push", "--config", str(config), "--yes") == 2
    assert "there is no stack 'headroom-pord'" in capsys.readouterr().err
