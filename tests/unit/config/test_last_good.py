"""The last good version of a parameter stays in force, and is named; SSM's history has it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from pydantic import SecretStr

from headroom.config import last_good
from headroom.config.channels import SlackModel
from headroom.config.parameter_store import Stored, decrypted
from headroom.errors import ConfigError
from tests.unit.config.documents import GONE, RULE, SLACK, a_project, a_rule, faults_of
from tests.unit.config.fake_ssm import PREFIX, FakeSsm


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSsm]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = FakeSsm()
        made.put("keys/default", "polyai-key-1")
        yield made


def test_a_project_that_does_not_parse_keeps_its_last_good_version_over_a_cold_start(
    ssm: FakeSsm,
) -> None:
    ssm.put("projects/line", a_project(limit=100))
    ssm.put("projects/line", a_project(region="eu"))
    ssm.put("projects/line", '{"limit": ')
    project = ssm.load().projects["line"]
    assert project.limit == 100
    assert str(project.fault).startswith("the JSON is cut off at line 1")
    assert "; v3 is invalid, v1 of 20" in str(project.fault)
    assert str(project.fault).endswith(" stays in force; nothing that v3 changes is in force")


def test_what_an_earlier_version_judged_is_judged_by_the_listing_with_the_newest(
    ssm: FakeSsm,
) -> None:
    """A document names the version: an older cache must not take itself for the newer."""
    ssm.put("projects/line", a_project())
    before = ssm.load().projects["line"].version
    ssm.put("projects/line", a_project(limit="x"))
    assert ssm.load().projects["line"].version > before


def test_of_a_bad_rule_the_last_good_version_stays_and_the_others_are_the_newest(
    ssm: FakeSsm,
) -> None:
    dead = {"critical": "<= 0"}
    ssm.put("projects/line", a_project(rules={"near-limit": RULE, "dead-line": dead}))
    rules = {"near-limit": {"warning": ">= 80 %%"}, "dead-line": {**dead, "for": "2 of 2"}}
    ssm.put("projects/line", a_project(rules={**rules, "new": {}}))
    project = ssm.load().projects["line"]
    assert {rule.name: rule.needed for rule in project.rules} == {"near-limit": 1, "dead-line": 2}
    assert [level.fires for level in project.rules[0].levels] == [114, 96]
    assert project.unjudged == {"new"}
    assert "v2 is invalid, near-limit of v1 of 20" in str(project.fault)
    assert str(project.fault).endswith("; not judged meanwhile: new")


def test_a_rule_that_is_invalid_beside_what_the_newest_says_keeps_the_whole_earlier_version(
    ssm: FakeSsm,
) -> None:
    """Somebody deletes the limit: no earlier version of the rule helps, one of the project does."""
    ssm.put("projects/line", a_project())
    ssm.put("projects/line", a_project(limit=GONE))
    project = ssm.load().projects["line"]
    assert project.limit == 120
    assert "; v2 is invalid, v1 of 20" in str(project.fault)


def test_what_an_invalid_version_adds_and_changes_is_named_while_an_earlier_one_is_in_force(
    ssm: FakeSsm,
) -> None:
    ssm.put("projects/line", a_project(rules={"near-limit": RULE, "same": RULE}))
    rules = {"near-limit": {"warning": ">= 70%"}, "same": RULE, "dead": {"critical": "<= 0"}}
    ssm.put("projects/line", a_project(rules=rules, limit="x", account_id="acme-2"))
    project = ssm.load().projects["line"]
    assert (project.limit, project.line.account_id) == (120, "acme-uk")
    assert str(project.fault).startswith("limit: expected a whole number")
    assert str(project.fault).endswith(
        " stays in force; changes not in force: near-limit, account_id; not judged meanwhile: dead"
    )


def test_a_version_that_is_invalid_in_a_runbook_alone_stays_in_force(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project(limit=100))
    ssm.put("projects/line", a_rule(runbook="wiki"))
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    assert "GetParameterHistory" not in ssm.calls
    ssm.put("projects/line", "{")
    project = asyncio.run(source.load()).projects["line"]
    assert project.limit == 120
    assert "; v3 is invalid, v2 of 20" in str(project.fault)


@pytest.mark.parametrize("beyond", [">= 150", ">= 125%", "<= 125%"])
def test_a_threshold_beyond_the_limit_leaves_the_last_good_version_of_its_rule(
    ssm: FakeSsm, beyond: str
) -> None:
    ssm.put("projects/line", a_project())
    ssm.put("projects/line", a_project(rules={"near-limit": {"critical": beyond}}))
    project = ssm.load().projects["line"]
    assert [level.fires for level in project.rules[0].levels] == [114, 96]
    assert str(project.fault).startswith(f"rules.near-limit.critical: '{beyond}' (150 calls) is")
    assert "; v2 is invalid, near-limit of v1 of 20" in str(project.fault)
    assert project.unjudged == frozenset()


def test_earlier_defaults_take_no_rule_from_a_project_that_they_do_not_serve(
    ssm: FakeSsm,
) -> None:
    """They are tried with the first twenty; another one needs what only the newest have."""
    ssm.put("defaults", {"limit": 60})
    for number in range(20):
        ssm.put(f"projects/line-{number:02}", a_project(limit=GONE))
    rules = {"near-limit": RULE, "dead-line": {"critical": "<= 0"}}
    ssm.put("projects/other", a_project(limit=GONE, account_id=GONE, rules=rules))
    ssm.put("defaults", {"account_id": "acme-uk"})
    configuration = ssm.load()
    assert len(configuration.projects) == 21
    assert [rule.name for rule in configuration.projects["other"].rules] == ["dead-line"]
    assert faults_of(configuration)["defaults"].endswith("not judged meanwhile: other near-limit")


def test_a_limit_below_a_threshold_of_its_project_waits_and_is_named(ssm: FakeSsm) -> None:
    rules = {"near-limit": {"warning": ">= 80%"}, "fixed": {"critical": ">= 100"}}
    ssm.put("projects/line", a_project(rules=rules))
    ssm.put("projects/line", a_project(rules=rules, limit=60))
    project = ssm.load().projects["line"]
    assert project.limit == 120
    assert str(project.fault).startswith("rules.fixed.critical: '>= 100' (100 calls) is more than")
    assert str(project.fault).endswith(" stays in force; changes not in force: limit")


def test_a_limit_of_newer_defaults_below_thresholds_is_one_fault_and_costs_only_their_projects(
    ssm: FakeSsm,
) -> None:
    ssm.put("defaults", {"region": "uk-1", "limit": 120})
    fixed = {"near-limit": {"warning": ">= 100"}}
    for number in range(40):
        ssm.put(f"projects/line-{number:02}", a_project(limit=GONE, region=GONE, rules=fixed))
    ssm.put("projects/other", a_project(limit=GONE, region=GONE))
    ssm.put("defaults", {"region": "uk-1", "limit": 60})
    configuration = ssm.load()
    limits = {name: each.limit for name, each in configuration.projects.items()}
    assert limits == {**{f"line-{number:02}": 120 for number in range(40)}, "other": 60}
    assert not any(each.fault for each in configuration.projects.values())
    (problem,) = faults_of(configuration).values()
    assert problem.startswith(
        "limit: '>= 100' (100 calls) is more than the limit of 60: did you mean '>= 100%', or is "
        "the limit higher? (affects line-00, line-01, line-02 and 37 more); v2 is invalid, v1 of 20"
    )
    assert problem.endswith(" stays in force; the other projects have v2")


def test_a_rule_that_the_newest_version_no_longer_has_is_not_kept(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project(rules={"near-limit": RULE, "dead": {"critical": "<= 0"}}))
    ssm.put("projects/line", a_rule(warning=">= x"))
    project = ssm.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]


def test_a_rule_that_is_put_in_a_wrong_place_is_named_and_is_not_taken_for_removed(
    ssm: FakeSsm,
) -> None:
    dead = {"critical": "<= 0"}
    ssm.put("projects/line", a_project(rules={"near-limit": RULE, "dead-line": dead}))
    ssm.put("projects/line", a_rule(**{"dead-line": dead}))
    project = ssm.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]
    assert project.unjudged == {"dead-line"}
    assert str(project.fault).endswith("; not judged meanwhile: dead-line")


def test_a_new_rule_is_named_while_an_earlier_version_without_it_is_in_force(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    rules = {"near-limit": RULE, "dead-line": {"critical": "<= 0"}}
    ssm.put("projects/line", {**a_project(rules=rules), "limt": 140})
    project = ssm.load().projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit"]
    assert project.unjudged == {"dead-line"}
    assert str(project.fault).endswith(" stays in force; not judged meanwhile: dead-line")


def test_a_new_rule_that_is_invalid_has_no_earlier_versions_to_blame(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    ssm.put("projects/line", a_project(rules={"near-limit": RULE, "new": {}}))
    assert str(ssm.load().projects["line"].fault) == (
        "rules.new: it has no condition: give warning, critical or both; not judged meanwhile: new"
    )


def test_good_is_judged_with_the_present_defaults(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    ssm.put("projects/line", a_project(limit=GONE))
    ssm.put("projects/line", "{")
    assert ssm.load().projects["line"].limit == 120
    ssm.put("defaults", {"limit": 60})
    assert ssm.load().projects["line"].limit == 60


def test_defaults_that_are_wrong_keep_their_last_good_version_and_are_one_fault(
    ssm: FakeSsm,
) -> None:
    ssm.put("defaults", {"region": "uk-1", "limit": 60})
    ssm.put("defaults", {"regon": "us-1", "limit": 60})
    for number in range(3):
        ssm.put(f"projects/line-{number}", a_project(region=GONE, limit=GONE))
    configuration = ssm.load()
    assert [each.line.region for each in configuration.projects.values()] == ["uk-1"] * 3
    (problem,) = faults_of(configuration).values()
    assert problem.startswith('unknown key "regon": did you mean "region"?; v2 is invalid, v1 of')


@pytest.mark.parametrize("key", ["limit", "region", "account_id"])
def test_defaults_that_lose_what_projects_need_are_one_fault_and_keep_their_last_version(
    ssm: FakeSsm, key: str
) -> None:
    shared: dict[str, object] = {"limit": 60, "region": "uk-1", "account_id": "acme-uk"}
    ssm.put("defaults", shared)
    for number in range(3):
        ssm.put(f"projects/line-{number}", a_project(**dict.fromkeys(shared, GONE)))
    ssm.put("defaults", {name: each for name, each in shared.items() if name != key})
    configuration = ssm.load()
    assert [each.limit for each in configuration.projects.values()] == [60] * 3
    assert not any(each.fault for each in configuration.projects.values())
    (place, problem) = next(iter(faults_of(configuration).items()))
    assert (len(faults_of(configuration)), place) == (1, "defaults")
    assert problem.startswith(
        f"{key}: is missing (affects line-0, line-1, line-2); v2 is invalid, v1 of 20"
    )


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
    ssm: FakeSsm, stored: list[dict[str, object]], change: dict[str, object]
) -> None:
    """Defaults lose what both need: the healthy project is judged by their last good version."""
    ssm.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    ssm.put("projects/healthy", a_project(account_id=GONE))
    for each in [*stored, change]:
        ssm.put("projects/broken", a_project(account_id=GONE, **each))
    ssm.put("defaults", {"region": "uk-1"})
    configuration = ssm.load()
    assert configuration.projects["healthy"].line.account_id == "acme-uk"
    assert ("broken" in configuration.projects) == bool(stored)
    assert list(configuration.faults) == ["defaults"]
    assert faults_of(configuration)["defaults"].endswith(" stays in force")


def test_a_project_without_a_readable_rule_lacks_nothing_of_the_defaults(ssm: FakeSsm) -> None:
    """Its own fault stops it: the defaults are not blamed, and their history is not read."""
    ssm.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    ssm.put("projects/broken", a_project(account_id=GONE, rules=_TYPO))
    ssm.put("defaults", {"region": "uk-1"})
    configuration = ssm.load()
    assert "near-limit.warning: expected text" in str(configuration.invalid["broken"].own_problem)
    assert not configuration.faults
    assert "GetParameterHistory" not in ssm.calls


def test_earlier_defaults_that_help_no_project_are_not_brought_back(ssm: FakeSsm) -> None:
    ssm.put("defaults", {"account_id": "acme-uk", "region": "uk-1"})
    for name in ("broken", "other"):
        ssm.put(f"projects/{name}", a_project(account_id=GONE, api_key="nobodys"))
    ssm.put("defaults", {"region": "uk-1"})
    assert faults_of(ssm.load())["defaults"].endswith("; not judged meanwhile: broken, other")


def test_the_only_project_that_lost_its_limit_is_named_and_keeps_its_last_good_version(
    ssm: FakeSsm,
) -> None:
    """Though the defaults are newer: they never had what the other projects have themselves."""
    ssm.put("projects/other", a_project())
    ssm.put("projects/line", a_project())
    ssm.put("projects/line", a_project(limit=GONE))
    ssm.put("defaults", {"client_env": "live"})
    configuration = ssm.load()
    assert not configuration.faults
    assert configuration.projects["line"].limit == 120
    assert "there is no limit" in str(configuration.projects["line"].fault)


def test_earlier_defaults_that_lack_something_else_are_not_brought_back(ssm: FakeSsm) -> None:
    """The project was written later, and would be blamed for what the earlier ones lack."""
    ssm.put("defaults", {"account_id": "acme-uk"})
    ssm.put("defaults", {"account_id": "acme-uk", "region": "uk-1", "api_key": "nobodys"})
    ssm.put("projects/line", a_project(region=GONE))
    configuration = ssm.load()
    assert configuration.invalid["line"].shared == "defaults"
    assert faults_of(configuration)["defaults"].endswith("; not judged meanwhile: line")


def test_earlier_defaults_that_lack_the_same_are_not_brought_back(ssm: FakeSsm) -> None:
    ssm.put("defaults", {"region": "us-1"})
    for name in ("broken", "other"):
        ssm.put(f"projects/{name}", a_project(account_id=GONE))
        ssm.put(f"projects/{name}", a_project(account_id=GONE, rules=_TYPO))
    ssm.put("defaults", {"region": "uk-1"})
    assert faults_of(ssm.load())["defaults"].endswith("; not judged meanwhile: broken, other")


def test_a_project_that_is_newer_than_the_defaults_brings_no_old_defaults_back(
    ssm: FakeSsm,
) -> None:
    ssm.put("defaults", {"limit": 60})
    ssm.put("defaults", {"client_env": "live"})
    ssm.put("projects/line", a_project(limit=GONE))
    configuration = ssm.load()
    assert not configuration.faults
    assert "there is no limit" in str(configuration.invalid["line"].own_problem)


def test_a_channel_keeps_its_last_good_version(ssm: FakeSsm) -> None:
    ssm.put("channels/ops-slack", SLACK)
    ssm.put("channels/ops-slack", {"type": "slack", "webhook_url": "http://x.test/sesame"})
    ssm.put("projects/line", a_project(channels=["ops-slack"]))
    configuration = ssm.load()
    assert isinstance(configuration.channels["ops-slack"], SlackModel)
    assert "v1 of" in faults_of(configuration)["channels.ops-slack"]
    assert "sesame" not in repr(faults_of(configuration))


def test_the_heartbeat_keeps_its_last_good_version(ssm: FakeSsm) -> None:
    ssm.put("heartbeat", {"url": "https://hc.test/sesame"})
    ssm.put("heartbeat", {"url": "htps://hc.test/sesame"})
    ssm.put("heartbeat", "{")
    configuration = ssm.load()
    assert configuration.heartbeat
    assert configuration.heartbeat.url.get_secret_value() == "https://hc.test/sesame"
    assert "; v3 is invalid, v1 of " in faults_of(configuration)["heartbeat"]
    assert "sesame" not in repr(configuration)


def test_a_heartbeat_that_never_was_good_says_so(ssm: FakeSsm) -> None:
    for _ in range(2):
        ssm.put("heartbeat", "{")
    configuration = ssm.load()
    assert configuration.heartbeat is None
    assert "; its earlier versions are invalid too" in faults_of(configuration)["heartbeat"]


def test_a_malformed_key_keeps_its_last_good_version(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    ssm.put("keys/default", "two words")
    source = ssm.source(ttl=0)
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert "v1 of" in faults_of(configuration)["keys.default"]
    assert asyncio.run(source.key("default")) == SecretStr("polyai-key-1")


def test_a_401_anywhere_takes_the_last_good_key_from_nobody(ssm: FakeSsm) -> None:
    """The project that was refused may be in another region; the key is right for all others."""
    ssm.put("keys/default", "two words")
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    good = SecretStr("polyai-key-1")
    assert asyncio.run(source.key("default", rejected=good)) == good
    assert asyncio.run(source.key("default")) == good


def test_a_listing_brings_back_a_key_that_was_deleted_for_a_moment(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    good = SecretStr("polyai-key-1")
    ssm.missing = True
    with pytest.raises(ConfigError, match="there is no parameter"):
        asyncio.run(source.key("default", rejected=good))
    asyncio.run(source.load())
    assert asyncio.run(source.key("default")) == good


def test_history_is_asked_once_and_only_when_it_is_needed(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project())
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    assert "GetParameterHistory" not in ssm.calls
    ssm.put("projects/line", "{")
    for _ in range(3):
        asyncio.run(source.load())
    assert ssm.calls.count("GetParameterHistory") == 1
    ssm.put("projects/other", "{")  # its first version: there is nothing before it
    asyncio.run(source.load())
    assert ssm.calls.count("GetParameterHistory") == 0


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_history_that_cannot_be_read_costs_only_the_earlier_version_and_is_tried_again(
    ssm: FakeSsm, code: str
) -> None:
    ssm.put("projects/line", a_project())
    rules = {"near-limit": {"warning": ">= 80 %%"}, "dead-line": {"critical": "<= 0"}}
    ssm.put("projects/line", a_project(rules=rules))
    ssm.refusing["GetParameterHistory"] = code
    source = ssm.source(ttl=0)
    project = asyncio.run(source.load()).projects["line"]
    assert [rule.name for rule in project.rules] == ["dead-line"]
    assert project.incomplete
    assert f"its earlier versions could not be read: {code}" in str(project.fault)
    assert str(project.fault).endswith("not judged meanwhile: near-limit")
    ssm.refusing.clear()
    project = asyncio.run(source.load()).projects["line"]
    assert [rule.name for rule in project.rules] == ["near-limit", "dead-line"]
    assert not project.incomplete


def break_lines(ssm: FakeSsm, count: int) -> None:
    for number in range(count):
        ssm.put(f"projects/line-{number:02}", a_project())
        ssm.put(f"projects/line-{number:02}", "{")


def test_check_after_check_goes_on_until_every_last_good_version_is_known(ssm: FakeSsm) -> None:
    """However long a listing is kept: what waits for its version is not judged."""
    lines = 2 * last_good.MOST + 3
    break_lines(ssm, lines)
    source = ssm.source(ttl=300)
    judged = []
    for _ in range(3):
        judged.append(len(asyncio.run(source.load()).projects))
        ssm.clock.now += 60
    assert judged == [last_good.MOST, 2 * last_good.MOST, lines]
    ssm.calls.clear()
    asyncio.run(source.load())
    assert not ssm.calls


def test_a_request_that_is_throttled_stops_no_other_parameter(ssm: FakeSsm) -> None:
    break_lines(ssm, 5)
    ssm.throttled = f"{PREFIX}/projects/line-00"
    source = ssm.source(ttl=300)
    configuration = asyncio.run(source.load())
    assert list(configuration.invalid) == ["line-00"]
    assert "ThrottlingException" in str(configuration.invalid["line-00"].problem)
    ssm.throttled = ""
    ssm.clock.now += 60
    assert not asyncio.run(source.load()).invalid


def test_history_that_is_denied_is_asked_once_in_the_time_that_a_listing_is_kept(
    ssm: FakeSsm,
) -> None:
    break_lines(ssm, 5)
    ssm.refusing["GetParameterHistory"] = "AccessDeniedException"
    source = ssm.source(ttl=300)
    for _ in range(5):
        assert len(asyncio.run(source.load()).invalid) == 5
        ssm.clock.now += 60
    assert ssm.calls.count("GetParameterHistory") == 2  # decrypted, and not: for one parameter
    ssm.refusing.clear()
    assert not asyncio.run(source.load()).invalid


def test_the_newest_of_very_many_versions_is_found(ssm: FakeSsm) -> None:
    for limit in range(60, 130):
        ssm.put("projects/line", a_project(limit=limit))
    ssm.put("projects/line", "{")
    assert ssm.load().projects["line"].limit == 129


def test_one_value_that_cannot_be_decrypted_costs_itself_alone(ssm: FakeSsm) -> None:
    for number in range(23):
        ssm.put(f"keys/europe-{number}", f"polyai-key-{number}")
        ssm.put(f"projects/line-{number}", a_project(api_key=f"europe-{number}"))
    ssm.put("channels/ops-slack", SLACK)
    ssm.lock("keys/europe-7")
    source = ssm.source(ttl=0)
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
    ssm: FakeSsm, name: str
) -> None:
    ssm.put("channels/ops-slack", SLACK)
    ssm.put(name, SLACK if name.startswith("channels/") else "polyai-key-2")
    ssm.put("projects/line", a_project(channels=["ops-slack"]))
    ssm.lock(name)
    source = ssm.source(ttl=0)
    configuration = asyncio.run(source.load())
    assert list(configuration.projects) == ["line"]
    assert list(configuration.channels) == ["ops-slack"]
    assert asyncio.run(source.key("default"))
    (fault,) = faults_of(configuration).values()
    assert "it could not be decrypted: AccessDeniedException; v2 is invalid, v1 of " in fault


def test_versions_that_cannot_be_decrypted_are_passed_over_and_their_number_is_bounded(
    ssm: FakeSsm,
) -> None:
    for number in range(2, 9):
        ssm.put("keys/default", f"polyai-key-{number}")
    ssm.lock("keys/default")
    for number in range(4, 8):
        ssm.lock(f"keys/default:{number}")
    source = ssm.source(ttl=0)
    asyncio.run(source.load())
    assert asyncio.run(source.key("default")) == SecretStr("polyai-key-3")
    ssm.lock("keys/default:3")
    ssm.calls.clear()
    assert "its earlier versions are invalid too" in faults_of(ssm.load())["keys.default"]
    assert ssm.calls.count("GetParameters") == 2 + 5  # the newest: in its batch, and alone


def test_a_secret_that_was_deleted_while_it_was_read_has_no_value(ssm: FakeSsm) -> None:
    ssm.put("channels/ops-slack", SLACK)
    ssm.put("channels/gone", SLACK)
    ssm.lock("channels/ops-slack")
    found = [
        Stored(f"channels/{name}", "the ciphertext", secure=True, version=1, number=1)
        for name in ("ops-slack", "gone")
    ]
    ssm.client.delete_parameter(Name=f"{PREFIX}/channels/gone")
    (left,) = decrypted(ssm.client, PREFIX, found)
    assert (left.name, left.value) == ("channels/ops-slack", "")


def test_a_history_that_does_not_have_the_newest_version_yet_loses_no_other(ssm: FakeSsm) -> None:
    ssm.put("projects/line", a_project(limit=100))
    ssm.put("projects/line", "{")

    def without_newest(parsed: dict[str, Any], **_: object) -> None:
        parsed["Parameters"].pop()

    ssm.client.meta.events.register("after-call.ssm.GetParameterHistory", without_newest)
    assert ssm.load().projects["line"].limit == 100


def test_a_listing_that_is_denied_is_no_matter_of_decryption(ssm: FakeSsm) -> None:
    ssm.refusing["GetParametersByPath"] = "AccessDeniedException"
    with pytest.raises(Exception, match="could not be read: AccessDeniedException"):
        ssm.load()
    assert ssm.calls == ["GetParametersByPath"] * 2
    ssm.refusing["GetParametersByPath"] = "ThrottlingException"
    with pytest.raises(Exception, match="could not be read: ThrottlingException"):
        ssm.load()
