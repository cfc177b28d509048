"""What every step of one check needs, made once at its start."""

from __future__ import annotations

import math
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from headroom.config.configuration import Configuration
from headroom.delivery.recorder import Recorder
from headroom.delivery.sender import Sender
from headroom.delivery.stages import Lease
from headroom.domain.claims import back_offs, backing_off
from headroom.domain.self_monitoring import OwnProblems, document_in_use
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant, Moment
from headroom.pipeline.baselines import KnownBaselines
from headroom.pipeline.fetch import Fetch
from headroom.pipeline.shared_causes import SharedCauses, own_problems
from headroom.ports import Channel, Deadline, Ports

LEASE_MARGIN = 60
"""Seconds that a lease outlives the function that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """One check: its configuration and state, its moment, its deadline, what its steps share."""

    ports: Ports
    config: Configuration
    loaded: Loaded
    baselines: KnownBaselines
    moment: Moment
    deadline: Deadline
    lease: Lease
    sender: Sender
    fetch: Fetch
    shared: SharedCauses
    own_problems: OwnProblems
    """The problems of Headroom itself before any project was judged."""

    @classmethod
    def of(
        cls,
        ports: Ports,
        config: Configuration,
        loaded: Loaded,
        baselines: KnownBaselines,
        at: Instant,
        deadline: Deadline,
    ) -> CheckContext:
        """Put together what one check needs."""
        moment = Moment.at(at, settle=config.settle, late=config.late)
        own_document = document_in_use(loaded.documents, loaded.unreadable)
        shared = SharedCauses(loaded, moment, own_document)
        channels = ports.channels(config)
        recorder = Recorder(ports.state, ports.dead_letters, clock=ports.clock, deadline=deadline)
        return cls(
            ports=ports,
            config=config,
            loaded=loaded,
            baselines=baselines,
            moment=moment,
            deadline=deadline,
            lease=_lease(ports.clock(), deadline, config, loaded, channels, shared.reported),
            sender=Sender(channels, recorder, deadline=deadline, fresh=config.fresh),
            fetch=Fetch(ports.readings, moment, deadline, ports.clock),
            shared=shared,
            own_problems=own_problems(config, loaded.unreadable, own_document, at),
        )


def _lease(
    now: Instant,
    deadline: Deadline,
    config: Configuration,
    loaded: Loaded,
    channels: Mapping[str, Channel],
    reported: Collection[tuple[str, str]],
) -> Lease:
    known = (
        each for one in loaded.documents.values() for each in (one.back_offs, back_offs(one.outbox))
    )
    return Lease(
        token=secrets.token_hex(8),
        now=now,
        until=now + math.ceil(deadline.left()) + LEASE_MARGIN,
        pagers=frozenset(name for name, each in channels.items() if each.is_pager),
        unknown=frozenset(
            name for name, each in config.bad_channels.items() if each.is_pager is None
        ),
        known=None if config.fresh else frozenset(channels),
        backing_off=backing_off(known, now),
        reported=reported,
    )
