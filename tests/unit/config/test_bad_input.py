"""Everything bad that an operator may write is refused: the place, the value and the fix."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from headroom.config.parameter_store import Stored
from headroom.config.raw import KEY, PLAIN, RawEntry, entry_of, json_entry
from headroom.config.resolve import resolve
from headroom.config.validation import LATER
from headroom.domain.headline import BUILT_IN
from headroom.domain.rules import Severity
from tests.unit.config.documents import (
    GONE,
    PAGER,
    SLACK,
    WEBHOOK,
    a_document,
    a_project,
    a_rule,
    faults_of,
    good,
    invalid_project,
    part,
    wrong,
)
from tests.unit.config.documents import RULE as RULE_OF_ALL

W, C = Severity.WARNING, Severity.CRITICAL
RULE = "projects.line.rules.near-limit"

CASES = [
    (a_project(limit=GONE), f"{RULE}.critical: '>= 95%' is a percentage of the limit", "a limit"),
    (
        a_rule(warning=">= 80 %%"),
        f"{RULE}.warning: '>= 80 %%', character 8",
        '"of limit", "of usual"',
    ),
    (a_rule(**{"for": "4 of 3"}), f"{RULE}.for: '4 of 3', character 1", "1 to 3 of 3 windows"),
    (a_rule(warning="> 95%"), f"{RULE}: warning '> 95%' (115 calls) lies beyond", "(114 calls)"),
    (
        a_rule(variant_id="a", variant_name="b"),
        f"{RULE}: variant_id and variant_name exclude each other",
        "keep one",
    ),
    (a_rule(per="variant", variant_id="a"), f"{RULE}: per: variant", "exclude each other"),
    (
        a_rule(per={"language": ["es-ES"]}, language="en-GB"),
        f"{RULE}: per: language",
        "exclude each other",
    ),
    (a_rule(critcal=">= 99%"), f'{RULE}: unknown key "critcal"', 'did you mean "critical"?'),
    (a_project(**{"a\nb\x1b": 1}), 'projects.line: unknown key "a\\nb\\x1b"', "expected one of"),
    (a_project(rules={"a\n": {}}), "projects.line.rules.a\\n: expected a name", "'a\\n'"),
    (a_project(limits=120), 'projects.line: unknown key "limits"', 'did you mean "limit"?'),
    (a_project(region="eu"), "projects.line.region: 'eu' is not known", 'did you mean "euw-1"?'),
    (a_project(region="UK-1"), "projects.line.region: 'UK-1' is not known", '"uk-1"?'),
    (a_project(region="eu-west-2"), "projects.line.region: 'eu-west-2'", "expected one of euw-1,"),
    (a_rule(warning=">= 0.8"), f"{RULE}.warning: '>= 0.8' is less than one call", "'>= 80%'?"),
    (a_project(channels=["ops-slak"]), "projects.line.channels", 'did you mean "ops-slack"?'),
    (
        a_rule(channels=["nobody"]),
        f'{RULE}.channels: there is no channel "nobody"',
        "expected one of",
    ),
    (
        a_project(api_key="europe"),
        "projects.line.api_key: there is no API key of",
        "expected one of default",
    ),
    (a_rule(critical=95), f"{RULE}.critical: expected text in quotes", "the number 95"),
    (a_rule(critical=None), f"{RULE}.critical: nothing is written here", "leave the key out"),
    (a_rule(warning=GONE, critical=GONE), f"{RULE}: it has no condition", "warning, critical or"),
    (a_rule(language=False), f"{RULE}.language: expected text in quotes", "false"),
    (a_rule(phone_number=447700900123), f"{RULE}.phone_number: expected text", "+447700900123"),
    (a_rule(phone_number="07700 900123"), f"{RULE}.phone_number: expected a phone number", "E.164"),
    (
        a_rule(unacknowledged={"after": "15m", "channels": ["on-call"]}),
        f'{RULE}: "unacknowledged" is not supported yet: it waits for acknowledgements',
        "leave it out, or list its channels under channels",
    ),
    (a_rule(during="25:00-26:00"), f"{RULE}.during: '25:00-26:00', character 1", "00:00 to 24:00"),
    (a_rule(during="Mon-Sun 08:00-20:00"), f"{RULE}.during: 'Mon-Sun 08:00", "leave the days out"),
    (a_rule(during="08:03-20:00"), f"{RULE}.during: '08:03-20:00'", "write 08:00 or 08:05"),
    (a_rule(during="08:00-08:00"), f"{RULE}.during: '08:00-08:00'", "write 00:00-24:00"),
    (a_rule(during=["Sat", "Sun 08:00-20:00"]), f"{RULE}.during: 'Sat', character 4", "08:00"),
    (a_rule(during=[]), f"{RULE}.during: the list is empty", "leave the key out"),
    (a_rule(during=480), f"{RULE}.during: expected text in quotes", "the number 480"),
    (a_rule(during={"from": "08:00"}), f"{RULE}.during: expected text such as", "found a mapping"),
    (
        a_rule(during=["Fri 22:00-06:00", "Sat 05:00-08:00"]),
        f"{RULE}.during: 'Fri 22:00-06:00' and 'Sat 05:00-08:00' overlap",
        "give each hour once",
    ),
    (a_rule(holidays=["2026-02-30"]), f"{RULE}.holidays: '2026-02-30'", "no 2026-02-30 in the"),
    (a_rule(holidays=["GB-ENG"]), f"{RULE}.holidays: 'GB-ENG' is the name of", "headroom push"),
    (a_rule(holidays=[20261224]), f"{RULE}.holidays: expected text in quotes", '"2026-12-24"'),
    (a_rule(holidays=[]), f"{RULE}.holidays: the list is empty", "leave the key out"),
    (a_rule(holidays=[False]), f"{RULE}.holidays: YAML reads NO", 'for Norway write "NO"'),
    (a_rule(holidays=["2026-12-24"] * 401), f"{RULE}.holidays: expected at most 400", "found 401"),
    (a_rule(holidays_until="soon"), f"{RULE}.holidays_until: expected a date", "'soon'"),
    (a_rule(timezone="London"), f"{RULE}.timezone: there is no time zone", '"Europe/London"?'),
    (a_project(during="08:00-20:00"), 'projects.line: unknown key "during"', "belongs in a rule"),
    (a_rule(per="variants"), f"{RULE}.per: expected variant", "'variants'"),
    (a_rule(per={"region": ["x"]}), f'{RULE}.per: unknown key "region"', "expected one of"),
    (a_rule(per={"language": []}), f"{RULE}.per: expected a list of 1 to 50", "language"),
    (a_rule(per={"language": ["es", "es"]}), f"{RULE}.per: es is listed twice", ""),
    (a_rule(missing="zeros"), f"{RULE}.missing: 'zeros' is not known", 'did you mean "zero"?'),
    (a_rule(remind="0s"), f"{RULE}.remind: expected 5m to 30d, found", "'0s'"),
    (a_rule(remind="4m"), f"{RULE}.remind: expected 5m to 30d, found", "'4m'"),
    (a_rule(runbook="wiki"), f"{RULE}.runbook: this is not a web address", "https://HOST"),
    (a_rule(runbook="javascript://x/%0a"), f"{RULE}.runbook: the address", "begin with https://"),
    (a_rule(hysteresis="5 %%"), f"{RULE}.hysteresis: '5 %%', character 4", "the end"),
    (a_rule(hysteresis=10**9), f"{RULE}.hysteresis: expected fewer than 1,000,000", "1000000000"),
    (a_rule(description="\ud800"), f"{RULE}.description: expected valid Unicode", "'\\ud800'"),
    (a_rule(variant_name="a\udfff"), f"{RULE}.variant_name: expected valid Unicode", "\\udfff"),
    (a_rule(hysteresis=True), f"{RULE}.hysteresis: expected text in quotes", "true"),
    (a_rule(channels=[]), f"{RULE}.channels: the list of channels is empty", "leave the key out"),
    (a_rule(channels={"critcal": ["default"]}), f"{RULE}.channels: unknown", '"critical"?'),
    (a_project(rules={}), "projects.line.rules: is empty", "at least one"),
    (a_project(rules={"a": None}), "projects.line.rules.a: expected a mapping", ""),
    (a_project(rules={"a b": {}}), "projects.line.rules.a b: expected a name", "'a b'"),
    *(
        (a_project(rules={name: {"warning": ">= 1"}}), f"projects.line.rules.{name}", "another")
        for name in BUILT_IN
    ),
    (a_project(account_id="acme/uk"), "projects.line.account_id: expected an id", "'acme/uk'"),
    (a_project(account_id=GONE), "projects.line.account_id: is missing", "or in defaults"),
    (a_project(project_id=GONE), "projects.line.project_id: is missing", ""),
    (a_project(limit="120"), "projects.line.limit: expected a whole number", "without quotes"),
    (a_project(limit=0), "projects.line.limit: expected a whole number from 1", "the number 0"),
    (a_project(limit=True), "projects.line.limit: expected a whole number", "true"),
    (a_project(timezone="Europe/Londn"), "projects.line.timezone: there is no", "Europe/London"),
    (a_project(timezone="localtime"), "projects.line.timezone: there is no", "such as Europe/Lon"),
    (a_project(timezone=2), "projects.line.timezone: expected text in quotes", "the number 2"),
    (a_project(client_env="Live"), "projects.line.client_env: 'Live'", 'did you mean "live"?'),
    (a_project(settle="60s"), 'projects.line: unknown key "settle"', "it belongs under defaults"),
    (a_project(warning=">= 80%"), 'projects.line: unknown key "warning"', "it belongs in a rule"),
    (a_project(**{"for": "2 of 3"}), 'projects.line: unknown key "for"', "it belongs in a rule"),
    (a_project(region=["uk-1"]), "projects.line.region: expected text in quotes", "found a list"),
    (a_project(region=5), 'projects.line.region: expected text in quotes, such as "', "number 5"),
    (a_project(region=None), "projects.line.region: nothing is written here", "leave the key out"),
    (a_rule(missing=False), f'{RULE}.missing: expected text in quotes, such as "zero"', "false"),
    (a_rule(client_env={}), f"{RULE}.client_env: expected text in quotes", "found a mapping"),
    (a_rule(per=5), f"{RULE}.per: expected variant", "found a number"),
    (a_rule(description="x" * 501), f"{RULE}.description: expected one line", "Ring the carrier"),
    (a_rule(runbook="\ud800"), f"{RULE}.runbook: expected valid Unicode", ""),
    (["a", "list"], "projects.line: expected a mapping of keys, found a list", ""),
    (5, "projects.line: expected a mapping of keys, found a number", ""),
]


@pytest.mark.parametrize(("written", "place", "way_out"), CASES, ids=[case[1] for case in CASES])
def test_a_bad_value_is_refused_with_its_place_and_the_way_out(
    written: object, place: str, way_out: str
) -> None:
    problem = wrong(written)
    assert problem.startswith(place)
    assert way_out in problem
    assert "\n" not in problem
    assert "pydantic" not in problem


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({**SLACK, "type": None}, "type is missing: expected one of pagerduty, slack, sns"),
        ({"webhook_url": WEBHOOK}, "type is missing: expected one of pagerduty, slack, sns"),
        ({**SLACK, "type": 5}, 'type: expected text in quotes, such as "sns", found the number 5'),
        (
            {**SLACK, "type": ["slack"]},
            'type: expected text in quotes, such as "sns", found a list',
        ),
        ({**SLACK, "type": "Slack"}, "type 'Slack' is not known: did you mean \"slack\"?"),
        (
            {**PAGER, "service_region": 1},
            'service_region: expected text in quotes, such as "us", found the number 1',
        ),
        ({**SLACK, "webhook_url": "\ud800"}, "webhook_url: expected valid Unicode"),
        (None, "expected a mapping of keys, found nothing"),
        (5, "expected a mapping of keys, found a number"),
    ],
)
def test_a_bad_channel_is_named_with_the_key_and_what_belongs_there(
    written: object, text: str
) -> None:
    configuration = resolve(a_document({}, channels={"ops-slack": written}))
    assert faults_of(configuration) == {"channels.ops-slack": f"{text}; no project uses it"}


@pytest.mark.parametrize(("name", "found"), [(5, "the number 5"), (True, "the boolean true")])
def test_a_rules_name_that_yaml_does_not_read_as_text_needs_quotes(
    name: object, found: str
) -> None:
    content = a_project(rules={name: {"warning": ">= 1"}})
    document = replace(a_document({}), projects={"line": RawEntry(content)})
    problem = str(resolve(document).invalid["line"].own_problem)
    assert f'expected text in quotes, such as "near-limit", found {found}' in problem


def test_a_bad_project_stops_no_other() -> None:
    """JSON cut off, JSON that is nested absurdly, and a name with a slash."""
    cut = json.dumps(a_project())[:-9]
    document = a_document({"well": a_project(), "team/line": a_project()})
    projects = {
        **document.projects,
        "cut": json_entry(cut),
        "deep": json_entry("[" * 100_000),
        "twice": json_entry('{"limit": 1, "limit": 2}'),
        "huge": json_entry('{"limit": ' + "9" * 5000 + "}"),
        "infinite": json_entry('{"limit": Infinity}'),
    }
    configuration = resolve(replace(document, projects=projects))
    assert list(configuration.projects) == ["well"]
    problems = {name: str(project.problem) for name, project in configuration.invalid.items()}
    assert problems["cut"].startswith("the JSON is cut off at line 1, column ")
    assert "nested too deeply" in problems["deep"]
    assert '"limit" is written twice' in problems["twice"]
    assert "not usable" in problems["huge"]
    assert "Infinity is not a number" in problems["infinite"]
    assert "has no slash: it is one part of an SSM path" in problems["team/line"]


@pytest.mark.parametrize("name", ["headroom", ".", "..", "a b", "x" * 65, "team/line"])
def test_a_project_is_not_called_like_headrooms_own_or_like_a_folder(name: str) -> None:
    configuration = resolve(a_document({name: a_project(), "headroom-2": a_project(), "...": 1}))
    assert "name" in str(configuration.invalid[name].problem)
    assert list(configuration.projects) == ["headroom-2"]


def test_the_first_three_problems_are_told_and_the_rest_counted() -> None:
    problem = wrong(
        a_project(region="eu", limit="x", account_id="a/b", api_key="x y", client_env="y")
    )
    assert problem.count("projects.line.") == 3
    assert problem.endswith("; and 2 more")


def test_a_mistake_in_defaults_is_one_fault_and_leaves_only_the_wrong_key_out() -> None:
    document = a_document({"a": a_project(), "b": a_project()}, defaults={"regon": "uk-1"})
    configuration = resolve(document)
    assert list(configuration.projects) == ["a", "b"]
    assert faults_of(configuration) == {"defaults": 'unknown key "regon": did you mean "region"?'}


def test_what_needs_a_wrong_default_is_not_judged_and_the_one_fault_says_so() -> None:
    bare = a_project(region=GONE)
    document = a_document(
        {"a": bare, "b": bare, "c": a_project()},
        defaults={"regon": "uk-1", "channels": ["on-call"]},
    )
    configuration = resolve(document)
    assert list(configuration.projects) == ["c"]
    assert {each.shared for each in configuration.invalid.values()} == {"defaults"}
    assert faults_of(configuration)["defaults"].endswith("; not judged meanwhile: a, b")
    assert configuration.concerned["defaults"] == dict.fromkeys((W, C), ("on-call", "default"))


def test_a_wrong_limit_in_defaults_leaves_percentages_unjudged_and_says_which() -> None:
    rules = {"near-limit": {"warning": ">= 80%"}, "dead-line": {"critical": "<= 0"}}
    bare = a_project(limit=GONE, rules=rules)
    configuration = resolve(a_document({"a": bare}, defaults={"limit": "120"}))
    project = configuration.projects["a"]
    assert [rule.name for rule in project.rules] == ["dead-line"]
    assert project.unjudged == frozenset({"near-limit"})
    assert project.fault is None
    assert faults_of(configuration)["defaults"].endswith("; not judged meanwhile: a near-limit")


@pytest.mark.parametrize(
    ("defaults", "changes", "told"),
    [
        ({"client_env": "live"}, {"limit": GONE}, "limit: is missing (affects a, b)"),
        ({"limit": 60}, {"account_id": GONE}, "account_id: is missing (affects a, b)"),
        ({"api_key": "europe"}, {}, "api_key: there is no API key of this name"),
    ],
)
def test_what_projects_need_of_valid_defaults_is_one_fault_of_the_defaults(
    defaults: dict[str, object], changes: dict[str, object], told: str
) -> None:
    bare = a_project(**changes)
    document = a_document({"a": bare, "b": bare}, defaults=defaults)
    configuration = resolve(document)
    assert {each.own_problem for each in configuration.invalid.values()} == {None}
    assert list(configuration.faults) == ["defaults"]
    assert faults_of(configuration)["defaults"].startswith(told)
    assert faults_of(configuration)["defaults"].endswith("; not judged meanwhile: a, b")
    assert "projects.line." in wrong(bare, defaults=defaults)


def test_the_one_project_that_lost_its_limit_is_named_and_many_are_one_fault() -> None:
    rules = {"near-limit": RULE_OF_ALL, "dead-line": {"critical": "<= 0"}}
    whole, bare = a_project(rules=rules), a_project(limit=GONE, rules=rules)
    defaults = {"region": "uk-1"}
    one = resolve(a_document({"a": whole, "b": bare, "c": whole}, defaults=defaults))
    assert not one.faults
    assert str(one.projects["b"].fault).startswith("rules.near-limit.critical: '>= 95%' is a perc")
    assert not one.projects["a"].fault
    two = resolve(a_document({"a": whole, "b": bare, "c": bare}, defaults=defaults))
    assert not two.projects["b"].fault
    assert faults_of(two)["defaults"] == (
        "limit: is missing (affects b, c); not judged meanwhile: b near-limit, c near-limit"
    )


def test_a_bad_channel_costs_itself_alone_and_default_hears_where_no_other_does() -> None:
    both = {"warning": ["broken"], "critical": ["broken", "ops-slack"]}
    document = a_document(
        {"uses": a_project(channels=both), "does-not": a_project(channels=["ops-slack"])},
        channels={"ops-slack": SLACK, "broken": {"type": "slack", "webhook_url": "http://x.test"}},
    )
    configuration = resolve(document)
    assert list(configuration.projects) == ["uses", "does-not"]
    assert list(configuration.channels) == ["ops-slack"]
    assert configuration.projects["uses"].routing == {
        W: ("broken", "default"),
        C: ("broken", "ops-slack"),
    }
    assert configuration.projects["uses"].fault is None
    assert faults_of(configuration) == {
        "channels.broken": "webhook_url: the address must be https (http is taken for loopback "
        "only); used by uses"
    }


def test_who_uses_a_bad_channel_hears_of_it_on_the_channels_that_are_well() -> None:
    both = {"warning": ["broken"], "critical": ["broken", "on-call"]}
    rule = {**RULE_OF_ALL, "channels": ["broken", "nobody"]}
    configuration = resolve(
        a_document(
            {
                "uses": a_project(channels=both),
                "in-a-rule": a_project(channels=["ops-slack"], rules={"near-limit": rule}),
                "does-not": a_project(channels=["other"]),
            },
            channels={"ops-slack": SLACK, "other": SLACK, "on-call": PAGER, "broken": {}},
        )
    )
    assert configuration.concerned["channels.broken"] == {
        W: ("default", "ops-slack"),
        C: ("on-call", "ops-slack", "default"),
    }
    assert configuration.concerned["channels.nobody"] == dict.fromkeys(
        (W, C), ("ops-slack", "default")
    )


def test_a_channel_that_does_not_exist_is_one_fault_with_the_places_that_name_it() -> None:
    rule = {**RULE_OF_ALL, "channels": ["ops-slak"]}
    document = a_document(
        {
            "a": a_project(channels=["ops-slak"]),
            "b": a_project(channels=["ops-slack"], rules={"near-limit": rule}),
        }
    )
    configuration = resolve(document)
    assert list(configuration.projects) == ["a", "b"]
    assert configuration.projects["b"].rules[0].routing == {
        W: ("ops-slak", "default"),
        C: ("ops-slak", "default"),
    }
    assert list(configuration.bad_channels) == ["ops-slak"]
    assert faults_of(configuration) == {
        "channels.ops-slak": "no channel ops-slak (projects.a.channels, "
        'projects.b.rules.near-limit.channels): did you mean "ops-slack"?'
    }


def test_a_rules_name_with_a_dot_stays_one_step_of_its_place() -> None:
    fault = good(a_project(rules={"near-limit": RULE_OF_ALL, "eu.night": {}})).fault
    assert fault
    assert fault.place == 'rules."eu.night"'


def test_a_bad_rule_costs_itself_alone() -> None:
    rules = {"near-limit": RULE_OF_ALL, "dead-line": {"critical": "<= 0 calls"}, "new": {"for": 3}}
    project = good(a_project(rules=rules))
    assert [rule.name for rule in project.rules] == ["near-limit"]
    assert project.unjudged == {"dead-line", "new"}
    assert str(project.fault).startswith("rules.dead-line.critical: '<= 0 calls', char")
    assert str(project.fault).endswith("; not judged meanwhile: dead-line, new")


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({"remind": "60s"}, "remind: expected 5m to 30d, found '60s'"),
        ({"runbook": "https://wiki.example.com/" + "x" * 900}, "runbook: a link has at most 750"),
        ({"description": "two\nlines"}, "description: expected one line"),
    ],
)
def test_what_keeps_no_rule_from_being_judged_is_reported_and_costs_itself_alone(
    slip: dict[str, object], told: str
) -> None:
    """An upgrade may refuse what it took before: a stored rule goes on being judged."""
    project = good(a_rule(**{"for": "2 of 3", **slip}))
    rule = project.rules[0]
    assert (rule.needed, rule.among, rule.remind, rule.runbook) == (2, 3, 4 * 3600, "")
    assert rule.levels[0].fires == 114
    assert project.unjudged == frozenset()
    assert str(project.fault).startswith(f"rules.near-limit.{told}")
    assert str(project.fault).endswith("; every rule is judged meanwhile")
    assert wrong(a_rule(**slip)).startswith(f"{RULE}.{told}")


@pytest.mark.parametrize("defaults", [{"limit": 40}, {}])
@pytest.mark.parametrize("key", ["limit", "limits"])
def test_a_bad_limit_costs_what_depends_on_it_and_is_not_taken_from_defaults(
    key: str, defaults: dict[str, object]
) -> None:
    rules = {"near-limit": RULE_OF_ALL, "dead-line": {"critical": "<= 0"}}
    written = {**a_project(rules=rules, limit=GONE), key: "120"}
    project = good(written, defaults=defaults)
    assert [rule.name for rule in project.rules] == ["dead-line"]
    assert project.limit is None
    assert project.unjudged == frozenset({"near-limit"})
    assert (
        str(project.fault).count("expected a whole number" if key == "limit" else "unknown key")
        == 1
    )


@pytest.mark.parametrize("change", [{"regon": "us-1"}, {"client_env": "Live"}, {"api_key": "x y"}])
def test_what_says_which_line_is_read_is_never_guessed(change: dict[str, object]) -> None:
    defaults = {"region": "uk-1", "client_env": "live"}
    found = invalid_project({**a_project(region=GONE), **change}, defaults=defaults)
    assert str(found.own_problem).endswith("; nothing of it is judged meanwhile")
    assert found.shared == ""


def test_one_bad_key_is_one_fault_however_many_projects_use_it() -> None:
    document = a_document({"a": a_project(), "b": a_project(channels=["on-call"])}, keys=())
    configuration = resolve(document)
    assert {each.shared for each in configuration.invalid.values()} == {"keys.default"}
    assert faults_of(configuration) == {
        "keys.default": 'there is no API key "default": add "default:" under keys in the file, or '
        "the SecureString keys/default in Parameter Store; not judged meanwhile: a, b"
    }
    both = ("default", "on-call")
    assert configuration.concerned["keys.default"] == {W: both, C: both}


def test_a_fault_is_a_value_with_a_code_and_what_it_is_about() -> None:
    """So that no program reads its sentence."""
    channels = {
        "broken": {"type": "slack", "webhook_url": WEBHOOK, "chanel": 1},
        "later": {"type": "teams"},
    }
    document = a_document({"a": a_project(channels=["gone"])}, {"regon": 1}, channels, keys=())
    plain = Stored("channels/plain", json.dumps(SLACK), secure=False, version=1)
    document = replace(document, channels={**document.channels, "plain": entry_of(plain)})
    faults = resolve(document).faults
    assert {place: (fault.code, fault.subject) for place, fault in faults.items()} == {
        "defaults": ("extra_forbidden", ""),
        "channels.broken": ("extra_forbidden", "broken"),
        "channels.later": (LATER, "later"),
        "channels.plain": (PLAIN, "plain"),
        "channels.gone": ("invalid", "gone"),
        "keys.default": (KEY, "default"),
    }


def test_the_example_of_a_missing_key_says_where_to_store_it() -> None:
    assert wrong(a_project(), keys=()).endswith(
        'there is no API key "default": add "default:" under keys in the file, or the SecureString'
        " keys/default in Parameter Store"
    )


def test_names_that_are_suggested_are_fit_to_be_told() -> None:
    """A file of hundreds of channels, and one whose name cannot be printed."""
    many = {f"channel-{number}": SLACK for number in range(300)}
    found = wrong(a_project(channels=["x\x1f"]), channels={"x\x1fy": SLACK})
    assert found.endswith('did you mean "x\\x1fy"?')
    assert len(wrong(a_project(channels=["zz"]), channels=many)) < 500


def test_text_of_any_length_is_told_short() -> None:
    found = invalid_project(a_project(region="x" * 100_000, **{"y" * 100_000: 1}))
    assert len(str(found.problem)) < 1000


def test_whatever_json_holds_the_answer_is_a_project_or_a_refusal() -> None:
    """Every type in every place: nothing escapes as another exception."""
    values = [None, True, 1, 1.5, 10**30, "", "x", [], [1], {}, {"a": 1}]
    keys = ["region", "account_id", "project_id", "limit", "client_env", "channels", "api_key"]
    rule_keys = ["warning", "for", "hysteresis", "missing", "remind", "per", "client_env"]
    rule_keys += ["variant_id", "language", "phone_number", "runbook", "description", "channels"]
    for value in values:
        projects = {f"p-{key}": a_project(**{key: value}) for key in [*keys, "rules"]}
        projects |= {f"r-{key}": a_rule(**{key: value}) for key in rule_keys}
        configuration = resolve(a_document({**projects, "whole": value}))
        assert len(configuration.projects) + len(configuration.invalid) == len(projects) + 1
        said = "".join(str(project.problem) for project in configuration.invalid.values())
        said += "".join(str(project.fault) for project in configuration.projects.values())
        assert "is not usable (" not in said, "a complaint of pydantic's without a sentence of ours"
        resolve(replace(a_document(projects), defaults=part(value)))
        resolve(a_document(projects, channels={"ops-slack": value, "default": value}))
