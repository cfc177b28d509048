"""What is written well: what slips are made in, and what must stay as it is beside them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from headroom_cli.config_file import yaml_loader
from tests.unit.config.documents import PAGER, SLACK, a_project

EXAMPLE = Path(__file__).parents[2] / "examples" / "alerts.yaml"

EVERY_KEY: dict[str, Any] = a_project(
    client_env="live",
    channels={"warning": ["ops-slack"], "critical": ["ops-slack", "on-call"]},
    api_key="default",
    timezone="Europe/London",
    rules={
        "near-limit": {
            "warning": ">= 80%",
            "critical": ">= 95% of limit",
            "for": "2 of 3",
            "hysteresis": "5%",
            "missing": "ignore",
            "during": ["Mon-Fri 08:00-20:00", "Sat,Sun 22:00-06:00"],
            "holidays": ["2026-12-24", "2026-12-27 to 2026-12-31"],
            "holidays_until": "2028-12-31",
            "timezone": "Asia/Kolkata",
            "remind": "2h",
            "client_env": "sandbox",
            "variant_name": "summer",
            "runbook": "https://wiki.example.com/near-limit",
            "description": "Ring the carrier.",
            "channels": ["on-call"],
        },
        "spanish": {"per": {"language": ["es-ES", "es-MX"]}, "warning": ">= 20"},
        "numbers": {"per": {"phone_number": ["+447700900123"]}, "critical": "<= 0"},
        "variants": {"per": "variant", "warning": "> 2.5", "hysteresis": 1, "language": "en"},
    },
)
"""A project with every key that there is."""

DEFAULTS: dict[str, Any] = {
    "region": "uk-1",
    "account_id": "acme-uk",
    "client_env": "live",
    "channels": ["ops-slack"],
    "api_key": "default",
    "limit": 120,
    "timezone": "Pacific/Chatham",
    "settle": "60s",
}

CHANNELS: dict[str, dict[str, Any]] = {
    "slack": SLACK,
    "pagerduty": PAGER | {"service_region": "eu", "api_url": "https://events.example.com"},
    "sns": {
        "type": "sns",
        "topic_arn": "arn:aws:sns:eu-west-2:123456789012:calls",
        "chatbot": True,
    },
}


@cache
def example() -> str:
    """The text of the example that the repository ships."""
    return EXAMPLE.read_text()


@cache
def example_tree() -> dict[str, Any]:
    """The same as a tree."""
    tree = yaml_loader.load(example().encode(), EXAMPLE.name)
    assert isinstance(tree, dict)
    return tree


def as_json(tree: object) -> str:
    """As SSM would hold it, NaN and lone surrogates as Python writes them."""
    return json.dumps(tree)
