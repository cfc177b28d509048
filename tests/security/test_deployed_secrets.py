"""The real handler on an embedded AWS, and on an AWS that repeats every request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headroom.domain.windows import iso
from headroom_cli.demo.cloud import Cloud, Stack
from headroom_cli.demo.function import Function, FunctionFailed
from tests.builders import T0
from tests.security.leaks import Secrets
from tests.security.trouble import Trouble, trouble
from tests.support.http_server import Answer, Request, answering
from tests.support.stack import PREFIX, environment

ROOT = Path(__file__).parents[2]
STATUSES = (200, 401, 404, 429, 500)
MINUTE, DAY = 60, 24 * 3600


@dataclass
class Deployed:
    """A stack, its function's environment, and what is wrong with its neighbours."""

    cloud: Cloud
    stack: Stack
    trouble: Trouble
    environment: dict[str, str]

    @property
    def secrets(self) -> Secrets:
        return self.trouble.secrets

    def put(self, name: str, value: str, kind: str = "SecureString") -> None:
        self.cloud.client("ssm").put_parameter(Name=f"{PREFIX}/{name}", Value=value, Type=kind)

    def parameters(self) -> dict[str, tuple[str, str]]:
        pages = self.cloud.client("ssm").get_paginator("get_parameters_by_path")
        return {
            each["Name"]: (each["Type"], each["Value"])
            for page in pages.paginate(Path=PREFIX, Recursive=True, WithDecryption=True)
            for each in page["Parameters"]
        }

    def run(self, log: Path, *instants: int, **environment: str) -> list[dict[str, Any]]:
        """The reports of checks at these times, in one instance of the function."""
        app = ROOT / "functions/check/app.py"
        with Function(app, {**self.environment, **environment}, log) as function:
            return [function.invoke({"time": iso(at)}) for at in instants]

    def rows(self) -> str:
        pages = self.cloud.client("dynamodb").get_paginator("scan")
        found = [page["Items"] for page in pages.paginate(TableName=self.stack.table)]
        return json.dumps(found, default=str)

    def letters(self, queue_url: str) -> str:
        sqs, found = self.cloud.client("sqs"), list[object]()
        while got := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            found += got
        return json.dumps(found)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with Cloud() as cloud, trouble(tmp_path_factory.mktemp("aws"), STATUSES) as made:
        stack = cloud.deploy(ROOT / "template.yaml")
        more = {
            "AWS_SECRET_ACCESS_KEY": made.secrets.new("AWS secret key", 40),
            "AWS_SESSION_TOKEN": made.secrets.new("AWS session token", 60),
            "HEADROOM_CLOCK": "event",
            "HEADROOM_CONFIG_TTL": "0",
            "HEADROOM_PROJECT_METRICS": "true",
            "HEADROOM_POLYAI_URL": made.polyai.url,
        }
        made_of_it = Deployed(cloud, stack, made, environment(cloud, stack, **more))
        furnish(made_of_it)
        yield made_of_it


def furnish(deployed: Deployed) -> None:
    """What the laptop's file has, and parameters that are refused, secrets and all."""
    written, new = deployed.trouble.written, deployed.secrets.new
    for section in ("defaults", "heartbeat"):
        deployed.put(section, json.dumps(written[section]))
    deployed.put("keys/default", written["keys"]["default"])
    for name, channel in written["channels"].items():
        deployed.put(f"channels/{name}", json.dumps(channel))
    for name, project in written["projects"].items():
        deployed.put(f"projects/{name}", json.dumps(project), "String")
    deployed.put("keys/plain", new("a key for all to read"), "String")
    deployed.put("keys/two-lines", new("a key of two lines") + "\nand more")
    hook = f"http://hooks.example.com/services/T0/B0/{new('a webhook without TLS')}"
    open_hook = f"https://hooks.example.com/services/T0/B0/{new('a webhook for all to read')}"
    bad = {
        "plain": (json.dumps({"type": "slack", "webhook_url": open_hook}), "String"),
        "http": (json.dumps({"type": "slack", "webhook_url": hook}), "SecureString"),
        "cut-off": (json.dumps({"type": "slack", "webhook_url": hook})[:-3], "SecureString"),
        "bare": (f"{new('a webhook without JSON around it')}", "SecureString"),
    }
    for name, (value, kind) in bad.items():
        deployed.put(f"channels/{name}", value, kind)
        project = {**written["projects"]["line-s200"], "channels": [name]}
        deployed.put(f"projects/to-{name}", json.dumps(project), "String")
    for key in ("plain", "two-lines"):
        project = {**written["projects"]["line-s200"], "api_key": key}
        deployed.put(f"projects/by-{key}", json.dumps(project), "String")


def test_a_day_of_troubles_on_aws_tells_no_secret_anywhere(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Everything that Headroom writes: log, metrics, report, table, dead letters and topic."""
    before = deployed.parameters()
    reports = deployed.run(tmp_path / "log", T0, T0 + MINUTE, T0 + DAY + 20 * MINUTE)
    left = {
        "log": (tmp_path / "log").read_text("utf-8"),
        "reports": json.dumps(reports),
        "table": deployed.rows(),
        "dead letters": deployed.letters(deployed.stack.dead_letter_url),
        "topic": deployed.letters(deployed.stack.inbox_url),
    }
    # It is all there, so that there is something to look at.
    assert left["log"].count('"message":"checked"') == len(reports)
    assert '"CloudWatchMetrics"' in left["log"]
    assert "EVENT#" in left["table"]
    assert "given up after 24 hours: 500" in left["dead letters"]
    assert "store it as a SecureString" in left["reports"]
    assert "two-lines" in left["reports"]
    for name in ("plain", "http", "cut-off", "bare"):
        assert f"channels.{name}: " in left["reports"]
    assert "cannot read ask-404" in left["topic"]
    found = {name: deployed.secrets.found_in(text) for name, text in left.items()}
    assert not any(found.values()), found
    assert deployed.parameters() == before


def careless(asked: Request) -> Answer:
    """As AWS answers a bad signature: with the request's headers, a token among them.

    docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    headers = "\n".join(f"{name}:{value}" for name, value in asked.headers.items())
    told = f"The request signature does not match.\n\nThe Canonical String is\n'POST\n{headers}'"
    if "json" in asked.headers.get("content-type", ""):
        answer = json.dumps({"__type": "InvalidSignatureException", "message": told})
    else:
        error = f"<Error><Code>SignatureDoesNotMatch</Code><Message>{told}</Message></Error>"
        answer = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
    return Answer(403, answer)


@pytest.mark.parametrize("services", [("SSM",), ("DYNAMODB",), ("SNS", "SQS")])
def test_an_aws_that_repeats_its_credentials_is_not_believed_with_them(
    deployed: Deployed, tmp_path: Path, services: tuple[str, ...]
) -> None:
    """Lambda logs what a check raises, with all its causes."""
    with answering(careless) as aws:
        broken = {f"AWS_ENDPOINT_URL_{service}": aws.url for service in services}
        try:
            said = json.dumps(deployed.run(tmp_path / "log", T0 + 3 * DAY, **broken))
        except FunctionFailed as error:
            said = str(error)
        assert {"AWS session token"} <= deployed.secrets.found_in(
            json.dumps(aws.requests[0].headers)
        )
    log = (tmp_path / "log").read_text("utf-8")
    assert "Signature" in log
    assert deployed.secrets.found_in(said + log + deployed.rows()) == set()
