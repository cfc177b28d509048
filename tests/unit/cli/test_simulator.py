"""`headroom simulator`: a PolyAI for the projects of a file, whose calls a person sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from headroom.domain.windows import WEEK, WINDOW, Instant, iso
from headroom_cli.main import run
from headroom_cli.simulator.command import directions, polyai_by_hand, watched
from headroom_cli.simulator.set_by_hand import PolyAIByHand, now

ALERTS = """
defaults: {region: uk-1, account_id: acme}
projects:
  support-line: {project_id: support, limit: 120, rules: {full: {critical: ">= 95%"}}}
  night-line: {project_id: night, channels: [ops], rules: {dead: {critical: "<= 0"}}}
channels: {ops: {type: slack, webhook_url: env:NOT_SET_HERE}}
keys: {default: env:NOT_SET_HERE}
"""


BEATING = """
projects:
  line: {region: uk-1, account_id: acme, project_id: p, rules: {dead: {critical: "<= 0"}}}
heartbeat: {url: env:NOT_SET_HERE}
"""


@pytest.fixture
def made(tmp_path: Path) -> PolyAIByHand:
    config = tmp_path / "alerts.yaml"
    config.write_text(ALERTS)
    return polyai_by_hand(watched(config))


def intervals(url: str, project: str, since: Instant, **asked: str) -> list[dict[str, Any]]:
    """The readings since then, as any key gets them."""
    times = {"start_time": iso(since), "end_time": iso(min(now() + 300, since + WEEK))}
    path = f"{url}/v1/acme/{project}/conversations/concurrency"
    answer = httpx.get(path, params=times | asked, headers={"x-api-key": "whatever it is"})
    found: list[dict[str, Any]] = answer.json()["intervals"]
    return found


def newest(url: str, project: str) -> int:
    return int(intervals(url, project, now() - 600)[-1]["max_concurrent_conversations"])


def test_every_project_of_the_file_has_calls_without_any_secret(made: PolyAIByHand) -> None:
    with made.serve() as server:
        assert (newest(server.url, "support"), newest(server.url, "night")) == (30, 10)


def test_past_weeks_have_calls_so_that_something_is_usual(made: PolyAIByHand) -> None:
    with made.serve() as server:
        week = intervals(server.url, "support", now() - 5 * WEEK)
    assert len(week) >= WEEK // WINDOW
    assert {each["max_concurrent_conversations"] for each in week} == {30}


def test_a_line_without_variants_has_no_rows_of_a_sliced_answer(made: PolyAIByHand) -> None:
    with made.serve() as server:
        assert intervals(server.url, "support", now() - 600, slice_by="variant") == []


def test_a_line_carries_what_was_set_and_anything_else_is_refused(made: PolyAIByHand) -> None:
    with made.serve() as server:
        address = f"{server.url}/calls/support-line"
        assert httpx.put(address, content="118").text.startswith("support-line: 118 calls from the")
        assert httpx.put(address, content="many").status_code == 400
        for method, name in (("PUT", "nobody"), ("POST", "support-line")):
            answer = httpx.request(method, f"{server.url}/calls/{name}", content="1")
            assert (answer.status_code, "night-line, support-line" in answer.text) == (404, True)
    line = made.lines["support-line"]
    assert (line.usual(now() - 300), line.usual(now() + 60)) == (30, 118)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keys: {default: some-key-1}", "has no projects: write a project, such as projects: {"),
        ("projects: {a: {}}", "has no valid project: headroom check --config"),
    ],
)
def test_a_file_that_gives_no_line_is_refused_with_the_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    config = tmp_path / "alerts.yaml"
    config.write_text(text)
    with pytest.raises(SystemExit, match="2"):
        run(["simulator", "--config", str(config)])
    assert said in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(
    made: PolyAIByHand, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with made.serve() as server:
        port = server.url.rpartition(":")[2]
        options = ["--config", str(tmp_path / "alerts.yaml"), "--port", port]
        with pytest.raises(SystemExit, match="1"):
            run(["simulator", *options])
    assert capsys.readouterr().err == (
        f"headroom: port {port}: Address already in use: give another --port\n"
    )


def test_the_simulator_advises_no_command_that_could_notify_anybody(tmp_path: Path) -> None:
    config = tmp_path / "alerts.yaml"
    config.write_text(ALERTS)
    said = directions("http://127.0.0.1:1", config, watched(config))
    assert f"headroom check --config {config} --dry-run" in said
    config.write_text(BEATING)
    assert "--dry-run" in directions("http://127.0.0.1:1", config, watched(config))
    without = [line for line in ALERTS.splitlines() if not line.startswith("channels:")]
    config.write_text("\n".join(without).replace("channels: [ops], ", ""))
    said = directions("http://127.0.0.1:1", config, watched(config))
    assert f"headroom watch --config {config} --state simulated.sqlite" in said


def test_the_simulator_names_the_projects_that_it_does_not_serve(tmp_path: Path) -> None:
    config = tmp_path / "alerts.yaml"
    config.write_text(ALERTS.replace("project_id: night", "project_id: 7"))
    said = directions("http://127.0.0.1:1", config, watched(config))
    assert "1 project of" in said
    assert "(not for night-line: headroom check says why)" in said
