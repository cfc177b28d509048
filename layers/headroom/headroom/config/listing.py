"""Parameter Store: everything under a prefix, in one listing.

Limits: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
(10 parameters a page).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from headroom.errors import ConfigUnavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterTypeDef


@dataclass(frozen=True, slots=True)
class Stored:
    """One parameter as it is in SSM; `name` is relative to the prefix."""

    name: str
    value: str = field(repr=False)
    secure: bool
    version: int
    """When it was written, in milliseconds since 1970. SSM's own number would start at 1 again when
    a parameter is deleted and made anew, and an older cache would take itself for the newer."""


def clean_prefix(prefix: str) -> str:
    """The prefix without a slash at its end."""
    return "/" + prefix.strip("/")


def stored(client: SSMClient, prefix: str) -> list[Stored]:
    """Every parameter under the prefix, decrypted, all pages. Raises ConfigUnavailable."""
    pages = client.get_paginator("get_parameters_by_path").paginate(
        Path=prefix,
        Recursive=True,
        WithDecryption=True,
        PaginationConfig={"PageSize": 10},
    )
    try:
        return [_stored(found, prefix) for page in pages for found in page["Parameters"]]
    except (ClientError, BotoCoreError) as error:
        raise ConfigUnavailable(
            f"the parameters under {prefix} could not be read: {reason(error)}"
        ) from None  # the cause may repeat the request's headers


def one(client: SSMClient, prefix: str, name: str) -> Stored | None:
    """One parameter as it is now; None when there is none. Raises ConfigUnavailable."""
    try:
        found = client.get_parameter(Name=f"{prefix}/{name}", WithDecryption=True)
    except client.exceptions.ParameterNotFound:
        return None
    except (ClientError, BotoCoreError) as error:
        raise ConfigUnavailable(f"{prefix}/{name} could not be read: {reason(error)}") from None
    return _stored(found["Parameter"], prefix)


def _stored(found: ParameterTypeDef, prefix: str) -> Stored:
    return Stored(
        found["Name"].removeprefix(f"{prefix}/"),
        found["Value"],
        found["Type"] == "SecureString",
        round(found["LastModifiedDate"].timestamp() * 1000),
    )


def reason(error: ClientError | BotoCoreError) -> str:
    """AWS's error code, or what went wrong on the way there and the way out."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown error"))
    name = type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"{name}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, NoRegionError | ProfileNotFound):
        return f"{name}: set AWS_REGION, and AWS_PROFILE to one that aws configure made"
    host = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url", ""))).hostname
    return f"{name}: no way to {host}: is AWS_REGION right, and the network up?" if host else name
