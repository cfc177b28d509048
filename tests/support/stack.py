"""A function's environment in a stack of the embedded AWS."""

from __future__ import annotations

import sys
from pathlib import Path

from headroom_cli.demo.cloud import ENVIRONMENT, Cloud, Stack

PREFIX = "/headroom/test"


def environment(cloud: Cloud, stack: Stack, **more: str) -> dict[str, str]:
    """As the template sets it."""
    return {
        **ENVIRONMENT,
        "AWS_ENDPOINT_URL": cloud.url,
        "HEADROOM_SSM_PREFIX": PREFIX,
        "HEADROOM_TABLE": stack.table,
        "HEADROOM_TOPIC_ARN": stack.topic_arn,
        "HEADROOM_DEAD_LETTER_URL": stack.dead_letter_url,
        "POWERTOOLS_SERVICE_NAME": "check",
        "POWERTOOLS_METRICS_NAMESPACE": "Headroom",
        "PATH": str(Path(sys.executable).parent),
        **more,
    }
