"""The stack by the commands that people use, `sam` and `headroom push`, but in the local AWS."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.local.aws import REGION, ROOT, LocalAws

SAM = ROOT / ".venv-sam/bin/sam"
HEADROOM = Path(sys.executable).with_name("headroom")
ALERTS = Path(__file__).with_name("alerts.yaml")
ARCHITECTURE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
BUILD = ROOT / ".aws-sam" / ("build" if ARCHITECTURE == "arm64" else "x86_64")
"""What `make build` made for the processor of this machine: MiniStack runs functions on it."""


class CommandFailed(Exception):
    """A command ended with an error; all that it said."""


class Stack:
    """One stack of the real template."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self._aws = aws
        self.name = name
        self.prefix = f"/headroom/{name}"
        self.outputs: Mapping[str, str] = {}
        """As the template names them, once it is deployed."""

    def deploy(self, build: Path = BUILD, **parameters: str) -> None:
        """Create or update it. Raises CommandFailed."""
        written = {
            "Prefix": self.prefix,
            "Architecture": ARCHITECTURE,
            "ProtectTable": "false",
            **parameters,
        }
        self._sam(
            "deploy",
            f"--template-file={build / 'template.yaml'}",
            "--resolve-s3",
            "--capabilities=CAPABILITY_IAM",
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--no-progressbar",
            "--parameter-overrides",
            *(f"{name}={value}" for name, value in written.items()),
        )
        (stack,) = self._aws.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def push(self, secrets: Mapping[str, str], config: Path = ALERTS) -> None:
        """Write the operator's file to Parameter Store. Raises CommandFailed."""
        options = (f"--config={config}", f"--prefix={self.prefix}", "--yes")
        self._run([HEADROOM, "push", *options], secrets)

    def delete(self) -> None:
        """Delete it with what was uploaded for it. Raises CommandFailed."""
        self._sam("delete", "--no-prompts")

    def checks(self) -> Iterator[dict[str, Any]]:
        """The line that each check logged, the oldest first."""
        for line in self.log():
            if line.startswith("{") and (entry := json.loads(line)).get("message") == "checked":
                yield entry

    def log(self) -> Iterator[str]:
        """Everything that the function logged."""
        pages = self._aws.client("logs").get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=self.outputs["LogGroup"]):
            for event in page["events"]:
                yield from event["message"].splitlines()

    def _sam(self, command: str, *options: str) -> None:
        variables = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "1", "HOME": self._aws.folder}
        names = (f"--stack-name={self.name}", f"--region={REGION}")
        self._run([SAM, command, *names, *options], variables)

    def _run(self, command: list[str | Path], variables: Mapping[str, str]) -> None:
        done = subprocess.run(  # noqa: S603 (our own commands)
            command,
            env={**self._aws.environment, **variables},
            cwd=self._aws.folder,  # where no samconfig.toml is
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}"
            raise CommandFailed(f"{Path(command[0]).name} {command[1]}:\n{said}")
