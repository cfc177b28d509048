"""The function's environment, which many may read, holds nothing secret."""

from __future__ import annotations

import json
import re

from pydantic import SecretStr

from headroom.settings import Settings
from tests.deployment import ROOT, of_type, written

SECRET = re.compile(
    r"key|secret|token|password|webhook|credential|routing|heartbeat", re.IGNORECASE
)


def test_no_variable_of_a_function_is_a_secret() -> None:
    functions = of_type("AWS::Lambda::Function")
    assert functions
    for function in functions.values():
        for name, value in function["Environment"]["Variables"].items():
            assert not SECRET.search(name), name
            assert "resolve:" not in json.dumps(value), "CloudFormation would write it out"


def test_no_parameter_of_the_stack_is_a_secret() -> None:
    for name, parameter in written()["Parameters"].items():
        assert "NoEcho" not in parameter
        assert not SECRET.search(name.replace("KmsKeyArn", "")), name
    assert "resolve:" not in (ROOT / "template.yaml").read_text()


def test_the_settings_hold_no_secret_and_show_no_address() -> None:
    assert not [each for each in Settings.model_fields.values() if each.annotation is SecretStr]


def test_security_md_names_tests_that_exist_and_stays_on_a_page() -> None:
    page = (ROOT / "SECURITY.md").read_text()
    assert len(page.splitlines()) < 80
    named = re.findall(r"`((?:security|integration|unit)/[a-z_/]+\.py|test_[a-z_]+\.py)`", page)
    assert len(named) > 10
    for name in named:
        path = name if "/" in name else f"security/{name}"
        assert (ROOT / "tests" / path).exists(), path
