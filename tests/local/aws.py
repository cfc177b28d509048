"""An AWS on loopback, in a process of its own: MiniStack, from `.venv-local`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import httpx
from botocore.config import Config
from botocore.session import Session

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-local/bin/python"
"""Functions run under it too, as they would under Lambda's."""
REGION = "eu-west-2"
STARTS_IN, ENDS_IN = 30.0, 10.0
"""Seconds, with plenty to spare."""


class NotStarted(Exception):
    """MiniStack is not there, or ended at once."""


class LocalAws:
    """Everything that AWS is here, while it is entered; nothing of it is left on the disk.

    `log` takes what it prints; what functions print is in its CloudWatch Logs. It listens on
    `port` if that is free, else on another one.
    """

    def __init__(self, log: Path, port: int = 0) -> None:
        self._log = log
        self.port = free_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._session = _stranger()
        self._clients: dict[str, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """For every command that is to reach this AWS and no other."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            # Nothing of this machine's own AWS set-up is read.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:  # noqa: ANN401 (made at run time, from AWS's models)
        """The client of a service, made once."""
        if service not in self._clients:
            self._clients[service] = self.new_client(service)
        return self._clients[service]

    def new_client(self, service: str) -> Any:  # noqa: ANN401 (as above)
        """A client with connections of its own."""
        return self._session.create_client(
            service, region_name=REGION, endpoint_url=self.url, config=Config(proxies={})
        )

    def __enter__(self) -> Self:
        """Start it. Raises NotStarted."""
        if not PYTHON.exists():
            raise NotStarted(f"there is no {PYTHON}: `make e2e` and `make deploy-local` make it")
        self.folder = tempfile.mkdtemp(prefix="headroom-aws-")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 (our own script)
                [PYTHON, "-I", Path(__file__).with_name("serve_aws.py")],
                env=self._own_environment(),
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us: it goes when we do
            )
        with ExitStack() as undo:
            undo.callback(self._end)
            self._wait()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End it with all its functions, and remove what it leaves behind."""
        self._end()

    def _own_environment(self) -> dict[str, str]:
        """Functions inherit it, so it holds nothing that Lambda would not have."""
        return {
            "PATH": f"{PYTHON.parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": self.folder,
            "TMPDIR": self.folder,
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "GATEWAY_PORT": str(self.port),
        }

    def _wait(self) -> None:
        until = time.monotonic() + STARTS_IN
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/_ministack/health", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise NotStarted(f"MiniStack did not start: {self._log.read_text('utf-8', 'replace')}")

    def _end(self) -> None:
        for client in self._clients.values():
            client.close()
        if self._process.stdin:
            self._process.stdin.close()  # which ends it
        try:
            self._process.wait(ENDS_IN)
        except subprocess.TimeoutExpired:
            self._process.terminate()
        finally:
            _kill_group(self._process.pid)
            self._process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)


def _stranger() -> Session:
    """A session that reads nothing of this machine's AWS set-up."""
    nothing, nobody = (None, None, os.devnull, None), (None, None, None, None)
    session = Session({"config_file": nothing, "credentials_file": nothing, "profile": nobody})
    session.set_credentials("local", "local")
    return session


def _kill_group(leader: int) -> None:
    """End what is left of the functions' processes."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def free_port(wanted: int = 0) -> int:
    """One that nobody listens on now: the wanted one if it can be had."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
