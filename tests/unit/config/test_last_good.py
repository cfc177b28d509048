"""The last good version of a parameter stays in force, and is named; SSM's history has it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from pydantic import SecretStr

from headroom.config import last_good
from headroom.config.channels import SlackModel
from headroom.config.configuration import Configuration
from headroom.config.parameter_store import Stored, decrypted
from headroom.config.ssm_source import SsmSource
from headroom.errors import ConfigError
from tests.unit.config.documents import GONE, RULE, SLACK, a_project, a_rule, faults_of

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/headroom/test"
SECRETS = ("keys/", "channels/", "heartbeat")


class World:
    """A Parameter Store with moto's history, which can refuse single operations and values."""

    def __init__(self) -> None:
        self.client: SSMClient = boto3.client("ssm", region_name="eu-west-2")
        self.client.meta.events.register("before-call.ssm", self._called)
        self.calls: list[str] = []
        self.refusing: dict[str, str] = {}
        self.missing = False
        self.throttled = ""
        self.locked: set[str] = set()
        self.now = 0.0
        self.written = 0

    def _called(self, model: Any, params: Any, **_: object) -> None:  # noqa: ANN401 -- botocore's hook
        self.calls.append(model.name)
        asked = json.loads(params["body"])
        if model.name in self.refusing:
            raise refusal(self.refusing[model.name], model.name)
        if self.throttled and asked.get("Name") == self.throttled:
            raise refusal("ThrottlingException", model.name)
        if self.missing and model.name == "GetParameter":
            raise self.client.exceptions.ParameterNotFound({}, model.name)
        names = asked.get("Names", [asked.get("Name", "")])
        listing = model.name == "GetParametersByPath"
        if asked.get("WithDecryption") and self.locked and (listing or self.locked & {*names}):
            raise refusal("AccessDeniedException", model.name)

    def put(self, name: str, value: object) -> None:
        while (now := time.time_ns() // 10**6) <= self.written:
            pass  # what is written later is newer, and versions are compared by the millisecond
        self.written = now + 1
        self.client.put_parameter(
            Name=f"{PREFIX}/{name}",
            Value=value if isinstance(value, str) else json.dumps(value),
            Type="SecureString" if name.startswith(SECRETS) else "String",
            Overwrite=True,
        )
        self.calls.clear()

    def lock(self, name: str) -> None:
        """Take away the key that this value is encrypted with."""
        self.locked.add(f"{PREFIX}/{name}")

    def source(self, ttl: int = 0) -> SsmSource:
        return SsmSource(self.client, PREFIX, ttl=ttl, clock=lambda: self.now)

    def load(self) -> Configuration:
        """What a fresh instance makes of it."""
        return asyncio.run(self.source().load())


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "sesame"}}, operation)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = World()
        made.put("keys/default", "polyai-key-1")
        yield made


def test_a_project_that_does_not_parse_keeps_its_last_good_version_over_a_cold_start(
    world: World,
) -> None:
    world.put("projects/line", a_project(limit=100))
    world.put("projects/line", a_project(region="eu"))
    world.put("projects/line", '{"limit": ')
    project = world.load().projects["line"]
    assert project.limit == 100
    assert str(project.fault).startswith("the JSON is cut off at line 1")
    assert "; v3 is invalid, v1 of 20" in str(project.fault)
    assert str(project.fault).endswith(" stays in force")


def test_what_an_earlier_version_judged_is_judged_by_the_listing_with_the_newest(
    world: World,
) -> None:
    """A document names the version: an older cache must not take itself for the newer."""
    world.put("projects/line", a_project())
    before = world.load().projects["line"].version
    world.put("projects/line", a_project(limit="x"))
    assert world.load().projects["line"].version > before


def test_of_a_bad_rule_the_last_good_version_stays_and_the_others_are_the_newest(
    world: World,
) -> None:
    dead = {"critical": "<= 0"}
    world.put("projects/line", a_project(rules={"near-limit": RULE, "dead-line": dead}))
    rules = {"near-limit": {"warning": ">= 80 %%"}, "dead-line": {**dead, "for": "2 of 2"}}
    world.put("projects/line", a_project(rules={**rules, "new": {}}))
    project = world.load().projects["line"]
    assert {rule.name: rule.needed for rule in project.rules} == {"near-limit": 1, "dead-line": 2}
    assert [level.fires for level in project.rules[0].levels] == [114, 96]
    assert project.unjudged == {"new"}
    assert "v2 is invalid, near-limit of v1 of 20" in str(project.fault)
    assert str(project.fault).endswith("; not judged meanwhile: new")


def test_a_rule_that_is_invalid_beside_what_the_newest_says_keeps_the_whole_earlier_version(
    world: World,
) -> None:
    """Somebody deletes the limit: no earlier version of the rule helps, one of the project does."""
    world.put("projects/line", a_project())
    world.put("projects/line", a_project(limit=GONE))
    project = world.load().projects["line"]
    assert project.limit == 120
    assert "; v2 is invalid, v1 of 20" in str(project.fault)


def test_a_version_that_is_judged_in_spite_of_a_doubt_stays_in_force(world: World) -> None:
    world.put("projects/line", a_project(limit=100))
    world.put("projects/line", a_rule(critical=">= 150"))
    source = world.source()
    asyncio.run(source.load())
    assert "GetParameterHistory" not in world.calls
    world.put("projects/line", "{")
    project = asyncio.run(source.load()).projects["line"]
    assert project.rules[0].levels[0].fires == 150
    assert "; v3 is invalid, v2 of 20" in str(project.fault)


def test_a_rule_that_the_newest_version_no_longer_has_is_not_kept(world: World) -> None:
    world.put("projects/line", a_project(rules={"near-limit": RULE, "dead": {"critical": "<= 0"}}))
    world.put("projects/line", a_rule(warning=">= x"))
    project = world.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]


def test_a_rule_that_is_put_in_a_wrong_place_is_named_and_is_not_taken_for_removed(
    world: World,
) -> None:
    dead = {"critical": "<= 0"}
    world.put("projects/line", a_project(rules={"near-limit": RULE, "dead-line": dead}))
    world.put("projects/line", a_rule(**{"dead-line": dead}))
    project = world.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]
    assert project.unjudged == {"dead-line"}
    assert str(project.fault).endswith("; not judged meanwhile: dead-line")


def test_a_new_rule_is_named_while_an_earlier_version_without_it_is_in_force(world: World) -> None:
    world.put("projects/line", a_project())
    rules = {"near-limit": RULE, "dead-line": {"critical": "<= 0"}}
    world.put("projects/line", {**a_project(rules=rules), "limt": 140})
    project = world.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]
    assert project.unjudged == {"dead-line"}
    assert str(project.fault).endswith(" stays in force; not judged meanwhile: dead-line")


def test_good_is_judged_with_the_present_defaults(world: World) -> None:
    world.put("projects/line", a_project())
    world.put("projects/line", a_project(limit=GONE))
    world.put("projects/line", "{")
    assert world.load().projects["line"].limit == 120
    world.put("defaults", {"limit": 60})
    assert world.load().projects["line"].limit == 60


def test_defaults_that_are_wrong_keep_their_last_good_version_and_are_one_fault(
    world: World,
) -> None:
    world.put("defaults", {"region": "uk-1", "limit": 60})
    world.put("defaults", {"regon": "us-1", "limit": 60})
    for number in range(3):
        world.put(f"projects/line-{number}", a_project(region=GONE, limit=GONE))
    configuration = world.load()
    assert [each.region for each in configuration.projects.values()] == ["uk-1"] * 3
    (problem,) = faults_of(configuration).values()
    assert problem.startswith('unknown key "regon": did you mean "region"?; v2 is invalid, v1 of')


@pytest.mark.parametrize("key", ["limit", "region", "account_id"])
def test_defaults_that_lose_what_projects_need_are_one_fault_and_keep_their_last_version(
    world: World, key: str
) -> None:
    shared: dict[str, object] = {"limit": 60, "region": "uk-1", "account_id": "acme-uk"}
    world.put("defaults", shared)
    for number in range(3):
        world.put(f"projects/line-{number}", a_project(**dict.fromkeys(shared, GONE)))
    world.put("defaults", {name: each for name, each in shared.items() if name != key})
    configuration = world.load()
    assert [each.limit for each in configuration.projects.values()] == [60] * 3
    assert not any(each.fault for each in configuration.projects.values())
    (place, problem) = next(iter(faults_of(configuration).items()))
    assert (len(faults_of(configuration)), place) == (1, "defaults")
    assert problem.startswith(f"{key} is missing (needed by 3 projects); v2 is invalid, v1 of 20")


_TYPO = {"near-limit": {"warning": 80}}


@pytest.mark.parametrize(
    ("stored", "change"),
    [
        pytest.param([], {"rules": _TYPO}, id="no rule can be read"),
        pytest.param([{}], {"rules": _TYPO}, id="an earlier rule is in force"),
        pytest.param([], {"api_key": "nobodys"}, id="its API key does not exist"),
    ],
)
def test_a_fault_of_one_project_keeps_no_other_from_the_earlier_defaults(
    world: World, stored: list[dict[str, object]], change: dict[str, object]
) -> None:
    """Defaults lose what both need: the healthy project is judged by their last good version."""
    world.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    world.put("projects/healthy", a_project(account_id=GONE))
    for each in [*stored, change]:
        world.put("projects/broken", a_project(account_id=GONE, **each))
    world.put("defaults", {"region": "uk-1"})
    configuration = world.load()
    assert configuration.projects["healthy"].account_id == "acme-uk"
    assert ("broken" in configuration.projects) == bool(stored)
    assert list(configuration.faults) == ["defaults"]
    assert faults_of(configuration)["defaults"].endswith(" stays in force")


def test_a_project_without_a_readable_rule_lacks_nothing_of_the_defaults(world: World) -> None:
    """Its own fault stops it: the defaults are not blamed, and their history is not read."""
    world.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    world.put("projects/broken", a_project(account_id=GONE, rules=_TYPO))
    world.put("defaults", {"region": "uk-1"})
    configuration = world.load()
    assert "near-limit.warning: expected text" in str(configuration.invalid["broken"].own_problem)
    assert not configuration.faults
    assert "GetParameterHistory" not in world.calls


def test_earlier_defaults_that_help_no_project_are_not_brought_back(world: World) -> None:
    world.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    for name in ("broken", "other"):
        world.put(f"projects/{name}", a_project(account_id=GONE, api_key="nobodys"))
    world.put("defaults", {"region": "uk-1"})
    assert faults_of(world.load())["defaults"].endswith("; not judged meanwhile: broken, other")


def test_the_only_project_that_lost_its_limit_is_named_and_keeps_its_last_good_version(
    world: World,
) -> None:
    """Though the defaults are newer: they never had what the other projects have themselves."""
    world.put("projects/other", a_project())
    world.put("projects/line", a_project())
    world.put("projects/line", a_project(limit=GONE))
    world.put("defaults", {"client_env": "live"})
    configuration = world.load()
    assert not configuration.faults
    assert configuration.projects["line"].limit == 120
    assert "there is no limit" in str(configuration.projects["line"].fault)


def test_earlier_defaults_that_lack_something_else_are_not_brought_back(world: World) -> None:
    """The project was written later, and would be blamed for what the earlier ones lack."""
    world.put("defaults", {"account_id": "acme-uk"})
    world.put("defaults", {"account_id": "acme-uk", "region": "uk-1", "api_key": "nobodys"})
    world.put("projects/line", a_project(region=GONE))
    configuration = world.load()
    assert configuration.invalid["line"].shared == "defaults"
    assert faults_of(configuration)["defaults"].endswith("; not judged meanwhile: line")


def test_earlier_defaults_that_lack_the_same_are_not_brought_back(world: World) -> None:
    world.put("defaults", {"region": "us-1"})
    for name in ("broken", "other"):
        world.put(f"projects/{name}", a_project(account_id=GONE))
        world.put(f"projects/{name}", a_project(account_id=GONE, rules=_TYPO))
    world.put("defaults", {"region": "uk-1"})
    assert faults_of(world.load())["defaults"].endswith("; not judged meanwhile: broken, other")


def test_a_project_that_is_newer_than_the_defaults_brings_no_old_defaults_back(
    world: World,
) -> None:
    world.put("defaults", {"limit": 60})
    world.put("defaults", {"client_env": "live"})
    world.put("projects/line", a_project(limit=GONE))
    configuration = world.load()
    assert not configuration.faults
    assert "there is no limit" in str(configuration.invalid["line"].own_problem)


def test_a_channel_keeps_its_last_good_version(world: World) -> None:
    world.put("channels/ops-slack", SLACK)
    world.put("channels/ops-slack", {"type": "slack", "webhook_url": "http://x.test/sesame"})
    world.put("projects/line", a_project(channels=["ops-slack"]))
    configuration = world.load()
    assert isinstance(configuration.channels["ops-slack"], SlackModel)
    assert "v1 of" in faults_of(configuration)["channels.ops-slack"]
    assert "sesame" not in repr(faults_of(configuration))


def test_the_heartbeat_keeps_its_last_good_version(world: World) -> None:
    world.put("heartbeat", {"url": "https://hc.test/sesame"})
    world.put("heartbeat", {"url": "htps://hc.test/sesame"})
    world.put("heartbeat", "{")
    configuration = world.load()
    assert configuration.heartbeat
    assert configuration.heartbeat.url.get_secret_value() == "https://hc.test/sesame"
    assert "; v3 is invalid, v1 of " in faults_of(configuration)["heartbeat"]
    assert "sesame" not in repr(configuration)


def test_a_heartbeat_that_never_was_good_says_so(world: World) -> None:
    for _ in range(2):
        world.put("heartbeat", "{")
    configuration = world.load()
    assert configuration.heartbeat is None
    assert "; its earlier versions are invalid too" in faults_of(configuration)["heartbeat"]


def test_a_malformed_key_keeps_its_last_good_version(world: World) -> None:
    world.put("projects/line", a_project())
    world.put("keys/default", "two words")
    source = world.source()
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert "v1 of" in faults_of(configuration)["keys.default"]
    assert asyncio.run(source.key("default")) == SecretStr("polyai-key-1")


def test_a_401_anywhere_takes_the_last_good_key_from_nobody(world: World) -> None:
    """The project that was refused may be in another region; the key is right for all others."""
    world.put("keys/default", "two words")
    source = world.source()
    asyncio.run(source.load())
    good = SecretStr("polyai-key-1")
    assert asyncio.run(source.key("default", rejected=good)) == good
    assert asyncio.run(source.key("default")) == good


def test_a_listing_brings_back_a_key_that_was_deleted_for_a_moment(world: World) -> None:
    world.put("projects/line", a_project())
    source = world.source()
    asyncio.run(source.load())
    good = SecretStr("polyai-key-1")
    world.missing = True
    with pytest.raises(ConfigError, match="there is no parameter"):
        asyncio.run(source.key("default", rejected=good))
    asyncio.run(source.load())
    assert asyncio.run(source.key("default")) == good


def test_history_is_asked_once_and_only_when_it_is_needed(world: World) -> None:
    world.put("projects/line", a_project())
    source = world.source()
    asyncio.run(source.load())
    assert "GetParameterHistory" not in world.calls
    world.put("projects/line", "{")
    for _ in range(3):
        asyncio.run(source.load())
    assert world.calls.count("GetParameterHistory") == 1
    world.put("projects/other", "{")  # its first version: there is nothing before it
    asyncio.run(source.load())
    assert world.calls.count("GetParameterHistory") == 0


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_history_that_cannot_be_read_costs_only_the_earlier_version_and_is_tried_again(
    world: World, code: str
) -> None:
    world.put("projects/line", a_project())
    rules = {"near-limit": {"warning": ">= 80 %%"}, "dead-line": {"critical": "<= 0"}}
    world.put("projects/line", a_project(rules=rules))
    world.refusing["GetParameterHistory"] = code
    source = world.source()
    project = asyncio.run(source.load()).projects["line"]
    assert [rule.name for rule in project.rules] == ["dead-line"]
    assert project.incomplete
    assert f"its earlier versions could not be read: {code}" in str(project.fault)
    assert str(project.fault).endswith("not judged meanwhile: near-limit")
    world.refusing.clear()
    project = asyncio.run(source.load()).projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit", "dead-line"]
    assert not project.incomplete


def break_lines(world: World, count: int) -> None:
    for number in range(count):
        world.put(f"projects/line-{number:02}", a_project())
        world.put(f"projects/line-{number:02}", "{")


def test_check_after_check_goes_on_until_every_last_good_version_is_known(world: World) -> None:
    """However long a listing is kept: what waits for its version is not judged."""
    lines = 2 * last_good.MOST + 3
    break_lines(world, lines)
    source = world.source(ttl=300)
    judged = []
    for _ in range(3):
        judged.append(len(asyncio.run(source.load()).projects))
        world.now += 60
    assert judged == [last_good.MOST, 2 * last_good.MOST, lines]
    world.calls.clear()
    asyncio.run(source.load())
    assert not world.calls


def test_a_request_that_is_throttled_stops_no_other_parameter(world: World) -> None:
    break_lines(world, 5)
    world.throttled = f"{PREFIX}/projects/line-00"
    source = world.source(ttl=300)
    configuration = asyncio.run(source.load())
    assert list(configuration.invalid) == ["line-00"]
    assert "ThrottlingException" in str(configuration.invalid["line-00"].problem)
    world.throttled = ""
    world.now += 60
    assert not asyncio.run(source.load()).invalid


def test_history_that_is_denied_is_asked_once_in_the_time_that_a_listing_is_kept(
    world: World,
) -> None:
    break_lines(world, 5)
    world.refusing["GetParameterHistory"] = "AccessDeniedException"
    source = world.source(ttl=300)
    for _ in range(5):
        assert len(asyncio.run(source.load()).invalid) == 5
        world.now += 60
    assert world.calls.count("GetParameterHistory") == 2  # decrypted, and not: for one parameter
    world.refusing.clear()
    assert not asyncio.run(source.load()).invalid


def test_the_newest_of_very_many_versions_is_found(world: World) -> None:
    for limit in range(60, 130):
        world.put("projects/line", a_project(limit=limit))
    world.put("projects/line", "{")
    assert world.load().projects["line"].limit == 129


def test_one_value_that_cannot_be_decrypted_costs_itself_alone(world: World) -> None:
    for number in range(23):
        world.put(f"keys/europe-{number}", f"polyai-key-{number}")
        world.put(f"projects/line-{number}", a_project(api_key=f"europe-{number}"))
    world.put("channels/ops-slack", SLACK)
    world.lock("keys/europe-7")
    source = world.source()
    configuration = asyncio.run(source.load())
    assert list(configuration.invalid) == ["line-7"]
    assert len(configuration.projects) == 22
    assert list(configuration.channels) == ["ops-slack"]
    assert faults_of(configuration) == {
        "keys.europe-7": "it could not be decrypted: AccessDeniedException; not judged meanwhile: "
        "line-7"
    }
    assert asyncio.run(source.key("europe-8")) == SecretStr("polyai-key-8")
    assert "sesame" not in repr(configuration)


@pytest.mark.parametrize("name", ["channels/ops-slack", "keys/default"])
def test_a_secret_whose_newest_version_cannot_be_decrypted_keeps_its_last_good_version(
    world: World, name: str
) -> None:
    world.put("channels/ops-slack", SLACK)
    world.put(name, SLACK if name.startswith("channels/") else "polyai-key-2")
    world.put("projects/line", a_project(channels=["ops-slack"]))
    world.lock(name)
    source = world.source()
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert list(configuration.channels) == ["ops-slack"]
    assert asyncio.run(source.key("default"))
    (fault,) = faults_of(configuration).values()
    assert "it could not be decrypted: AccessDeniedException; v2 is invalid, v1 of " in fault


def test_versions_that_cannot_be_decrypted_are_passed_over_and_their_number_is_bounded(
    world: World,
) -> None:
    for number in range(2, 9):
        world.put("keys/default", f"polyai-key-{number}")
    world.lock("keys/default")
    for number in range(4, 8):
        world.lock(f"keys/default:{number}")
    source = world.source()
    asyncio.run(source.load())
    assert asyncio.run(source.key("default")) == SecretStr("polyai-key-3")
    world.lock("keys/default:3")
    world.calls.clear()
    assert "its earlier versions are invalid too" in faults_of(world.load())["keys.default"]
    assert world.calls.count("GetParameters") == 2 + 5  # the newest: in its batch, and alone


def test_a_secret_that_was_deleted_while_it_was_read_has_no_value(world: World) -> None:
    world.put("channels/ops-slack", SLACK)
    world.put("channels/gone", SLACK)
    world.lock("channels/ops-slack")
    found = [
        Stored(f"channels/{name}", "the ciphertext", secure=True, version=1, number=1)
        for name in ("ops-slack", "gone")
    ]
    world.client.delete_parameter(Name=f"{PREFIX}/channels/gone")
    (left,) = decrypted(world.client, PREFIX, found)
    assert (left.name, left.value) == ("channels/ops-slack", "")


def test_a_history_that_does_not_have_the_newest_version_yet_loses_no_other(world: World) -> None:
    world.put("projects/line", a_project(limit=100))
    world.put("projects/line", "{")

    def without_newest(parsed: dict[str, Any], **_: object) -> None:
        parsed["Parameters"].pop()

    world.client.meta.events.register("after-call.ssm.GetParameterHistory", without_newest)
    assert world.load().projects["line"].limit == 100


def test_a_listing_that_is_denied_is_no_matter_of_decryption(world: World) -> None:
    world.refusing["GetParametersByPath"] = "AccessDeniedException"
    with pytest.raises(Exception, match="could not be read: AccessDeniedException"):
        world.load()
    assert world.calls == ["GetParametersByPath"] * 2
    world.refusing["GetParametersByPath"] = "ThrottlingException"
    with pytest.raises(Exception, match="could not be read: ThrottlingException"):
        world.load()
