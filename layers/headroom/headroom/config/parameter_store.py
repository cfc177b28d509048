"""Parameter Store: everything under a prefix, in one listing.

Limits: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
(10 parameters a page).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    from mypy_boto3_ssm.type_defs import ParameterHistoryTypeDef, ParameterTypeDef


_BATCH = 10
"""Names in one GetParameters request, at most."""
_MOST_VERSIONS = 100
_ONE_BY_ONE = 5
"""Versions that are decrypted by themselves, each with a request."""
_SERVER_ERROR = 500
_PASSING = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}
)
"""Codes that say nothing about a single value."""


_DENIED = frozenset({"AccessDeniedException", "AccessDenied"})


class NoHistory(ConfigUnavailable):
    """No parameter's history can be read now; the next request would fail alike.

    `denied`: AWS denies it, which lasts until somebody changes the permissions.
    """

    def __init__(self, problem: str, *, denied: bool) -> None:
        super().__init__(problem)
        self.denied = denied


@dataclass(frozen=True, slots=True)
class Stored:
    """One parameter as it is in SSM; `name` is relative to the prefix."""

    name: str
    value: str = field(repr=False)
    secure: bool
    version: int
    """When it was written, in milliseconds since 1970. SSM's own number would start at 1 again when
    a parameter is deleted and made again, and an older cache would take itself for the newer."""
    number: int = 0
    """SSM's own number of this version."""
    problem: str = ""
    """Why the value could not be decrypted: AWS's reason."""


def clean_prefix(prefix: str) -> str:
    """The prefix without a slash at its end."""
    return "/" + prefix.strip("/")


def stored(client: SSMClient, prefix: str) -> list[Stored]:
    """Every parameter under the prefix, decrypted, all pages. Raises ConfigUnavailable.

    One value that cannot be decrypted fails the whole listing: then each is decrypted by itself,
    and the one has a `problem`.
    """
    try:
        return _listed(client, prefix, decrypted=True)
    except (ClientError, BotoCoreError) as error:
        refused = _failed(f"the parameters under {prefix}", error)
        if not _of_one_value(error):
            raise refused from None
    try:
        return decrypted(client, prefix, _listed(client, prefix, decrypted=False))
    except (ClientError, BotoCoreError):  # then it was not the decryption alone
        raise refused from None


def _listed(client: SSMClient, prefix: str, *, decrypted: bool) -> list[Stored]:
    pages = client.get_paginator("get_parameters_by_path").paginate(
        Path=prefix,
        Recursive=True,
        WithDecryption=decrypted,
        PaginationConfig={"PageSize": 10},
    )
    return [_stored(found, prefix) for page in pages for found in page["Parameters"]]


def decrypted(client: SSMClient, prefix: str, listing: Sequence[Stored]) -> list[Stored]:
    """The listing with its secret values, ten in a request, one where that fails.

    Raises ClientError, BotoCoreError where AWS itself is the trouble.
    """
    known: dict[str, Stored] = {}
    secret = [each for each in listing if each.secure]
    for first in range(0, len(secret), _BATCH):
        batch = secret[first : first + _BATCH]
        try:
            known |= _values(client, prefix, batch)
        except ClientError as error:
            if not _of_one_value(error):
                raise
            for each in batch:
                if found := _alone(client, prefix, each):
                    known[each.name] = found
    return [known.get(each.name, each) for each in listing if each.name in known or not each.secure]


def _alone(client: SSMClient, prefix: str, one: Stored, selector: str = "") -> Stored | None:
    """The value decrypted, or why it could not be; None when it was deleted meanwhile."""
    try:
        return _values(client, prefix, [one], selector).get(one.name)
    except ClientError as error:
        if not _of_one_value(error):
            raise
        return replace(one, value="", problem=f"it could not be decrypted: {reason(error)}")


def _values(
    client: SSMClient, prefix: str, wanted: Sequence[Stored], selector: str = ""
) -> dict[str, Stored]:
    """By name; `selector` is such as `:3`, for version 3."""
    names = [f"{prefix}/{each.name}{selector}" for each in wanted]
    answer = client.get_parameters(Names=names, WithDecryption=True)
    found = (_stored(each, prefix) for each in answer["Parameters"])
    return {each.name: each for each in found}


def _of_one_value(error: ClientError | BotoCoreError) -> bool:
    """Whether one value may be the reason, and not AWS, the network or the pace."""
    if not isinstance(error, ClientError):
        return False
    code, answer = reason(error), error.response.get("ResponseMetadata", {})
    return not (code in _PASSING or answer.get("HTTPStatusCode", 400) >= _SERVER_ERROR)


def history(client: SSMClient, prefix: str, name: str, before: int) -> list[Stored]:
    """The versions of one parameter before the one of that number, decrypted, the newest first.

    Where one of them cannot be decrypted, which fails the whole request, those right before are
    decrypted one by one. Raises ConfigUnavailable, and NoHistory where the next parameter's could
    not be read either.
    """
    try:
        try:
            return _versions(client, prefix, name, before, decrypted=True)
        except ClientError as error:
            if not _of_one_value(error):
                raise
        earlier = _versions(client, prefix, name, before, decrypted=False)[:_ONE_BY_ONE]
        found = [
            _alone(client, prefix, each, f":{each.number}") if each.secure else each
            for each in earlier
        ]
    except (ClientError, BotoCoreError) as error:
        raise _no_history(error) from None
    return [each for each in found if each]


def _versions(
    client: SSMClient, prefix: str, name: str, before: int, *, decrypted: bool
) -> list[Stored]:
    """SSM keeps 100 and gives the oldest first, 50 in a request.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
    """
    pages = client.get_paginator("get_parameter_history").paginate(
        Name=f"{prefix}/{name}",
        WithDecryption=decrypted,
        PaginationConfig={"PageSize": 50, "MaxItems": _MOST_VERSIONS},
    )
    found = [_stored(each, prefix) for page in pages for each in page["Parameters"]]
    earlier = [each for each in found if each.number < before]
    return sorted(earlier, key=lambda each: each.number, reverse=True)


def _no_history(error: ClientError | BotoCoreError) -> ConfigUnavailable:
    denied = isinstance(error, ClientError) and reason(error) in _DENIED
    if denied or isinstance(error, BotoCoreError):
        return NoHistory(reason(error), denied=denied)
    return ConfigUnavailable(reason(error))


def one(client: SSMClient, prefix: str, name: str) -> Stored | None:
    """One parameter as it is now; None when there is none. Raises ConfigUnavailable."""
    try:
        found = client.get_parameter(Name=f"{prefix}/{name}", WithDecryption=True)
    except client.exceptions.ParameterNotFound:
        return None
    except (ClientError, BotoCoreError) as error:
        raise _failed(f"{prefix}/{name}", error) from None
    return _stored(found["Parameter"], prefix)


def _failed(what: str, error: ClientError | BotoCoreError) -> ConfigUnavailable:
    """To be raised without its cause, which may repeat the request's headers."""
    return ConfigUnavailable(f"{what} could not be read: {reason(error)}")


def _stored(found: ParameterTypeDef | ParameterHistoryTypeDef, prefix: str) -> Stored:
    return Stored(
        found["Name"].removeprefix(f"{prefix}/"),
        found["Value"],
        found["Type"] == "SecureString",
        round(found["LastModifiedDate"].timestamp() * 1000),
        found["Version"],
    )


def reason(error: ClientError | BotoCoreError) -> str:
    """AWS's error code, or what went wrong on the way there and the fix."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown error"))
    name = type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f"{name}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, NoRegionError | ProfileNotFound):
        return f"{name}: set AWS_REGION, and AWS_PROFILE to one that aws configure made"
    host = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url", ""))).hostname
    return f"{name}: no way to {host}: is AWS_REGION right, and the network up?" if host else name
