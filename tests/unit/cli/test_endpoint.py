"""An AWS_ENDPOINT_URL that is no address is said so, in one line and without a trace."""

from __future__ import annotations

import pytest

from headroom.errors import ConfigUnavailable
from headroom_cli.aws import Aws
from headroom_cli.push.command import parameter_store


@pytest.fixture(autouse=True)
def nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")


@pytest.mark.parametrize("client", [lambda: Aws().sqs, parameter_store])
def test_an_endpoint_that_is_no_address_names_the_variable(client: object) -> None:
    assert callable(client)
    with pytest.raises(ConfigUnavailable, match="nonsense: is AWS_ENDPOINT_URL right"):
        client()
