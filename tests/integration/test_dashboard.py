"""The dashboard: one look at calls, checks, notices and failures of one stack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.deployment import REGION, STACK, Json, deployed, of_type
from tests.metrics import Metric, metric, of_stack, printed, printed_by_the_making

(DASHBOARD,) = of_type("AWS::CloudWatch::Dashboard").values()
SEARCH = re.compile(
    r"SEARCH\('\{(?P<schema>[\w,]+)\} "
    r'MetricName="(?P<name>\w+)" service="(?P<service>[\w-]+)"'
    r"', '(Maximum|Minimum)', 300\)"
)


def widgets(stack: str = STACK) -> list[Json]:
    """The widgets as CloudWatch gets them; the body must be JSON once it is put together."""
    found: list[Json] = json.loads(deployed(DASHBOARD["DashboardBody"], stack))["widgets"]
    return found


def drawn(stack: str = STACK) -> Iterator[Metric]:
    """Every metric that a widget names itself."""
    for widget in widgets(stack):
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], str):
                space, name, *rest = [part for part in line if isinstance(part, str)]
                yield metric(space, name, dict(zip(rest[::2], rest[1::2], strict=True)))


def searched(stack: str = STACK) -> Iterator[re.Match[str]]:
    for widget in widgets(stack):
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], dict):
                found = SEARCH.fullmatch(line[0]["expression"])
                assert found, line[0]["expression"]
                yield found


@pytest.mark.parametrize("stack", ["headroom-dev", "headroom-prod"])
def test_every_line_of_a_graph_is_a_metric_of_its_own_stack(stack: str) -> None:
    assert set(drawn(stack)) <= of_stack(stack)


def test_a_search_finds_each_projects_metrics_of_this_stack() -> None:
    """The schema of a search names the namespace and all dimensions of what it finds."""
    by_project = {each for each in printed() if "project" in dict(each[2])}
    found = {(each["name"], each["schema"], each["service"]) for each in searched()}
    assert found == {
        (name, ",".join([space, *sorted(dict(dimensions), reverse=True)]), service)
        for space, name, dimensions in by_project
        for service in [dict(dimensions)["service"]]
    }
    assert len(found) == 2


def test_nothing_that_a_function_counts_is_left_out() -> None:
    sent = printed() | printed_by_the_making()
    counted = {name for _, name, dimensions in sent if len(dimensions) == 1}
    assert counted <= {name for _, name, _ in drawn()}


def test_every_alarm_is_on_it() -> None:
    (shown,) = [each["properties"]["alarms"] for each in widgets() if each["type"] == "alarm"]
    alarms = of_type("AWS::CloudWatch::Alarm")
    assert set(shown) == {deployed({"Fn::GetAtt": [name, "Arn"]}) for name in alarms}


def test_every_graph_is_of_the_stacks_region() -> None:
    graphs = [each["properties"] for each in widgets() if each["type"] == "metric"]
    assert {each["region"] for each in graphs} == {REGION}


def test_a_project_is_called_by_its_name() -> None:
    """CloudWatch fills the label in, so CloudFormation must leave it."""
    body = deployed(DASHBOARD["DashboardBody"])
    assert set(re.findall(r"\$\{.*?\}", body)) == {"${PROP('Dim.project')}"}


def test_it_says_how_to_switch_the_projects_metrics_on() -> None:
    (text,) = [each["properties"]["markdown"] for each in widgets() if each["type"] == "text"]
    assert "`ProjectMetrics=true`" in text


def test_widgets_lie_side_by_side() -> None:
    """On a grid 24 wide none covers another."""
    taken = [
        (x, y)
        for each in widgets()
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
