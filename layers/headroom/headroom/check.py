"""One check: load, fetch, judge, commit, deliver."""

from __future__ import annotations

import asyncio
import time

from headroom.domain.watermark import order
from headroom.domain.windows import Instant
from headroom.pipeline.baselines import load_baselines
from headroom.pipeline.context import CheckContext
from headroom.pipeline.heartbeat import NO_BEAT, beat
from headroom.pipeline.progress import move_watermark, remember_accepting
from headroom.pipeline.projects import check_headroom, check_projects
from headroom.pipeline.report import Facts, Report
from headroom.pipeline.staleness import outdated
from headroom.ports import Deadline, Ports


async def check(ports: Ports, at: Instant, deadline: Deadline) -> Report:
    """Run the whole pipeline at one instant, before the deadline.

    Raises ConfigUnavailable or StateUnavailable when the configuration or the state cannot be read.
    """
    began = time.monotonic()
    config, loaded = await asyncio.gather(ports.source.load(), ports.state.load())
    if outdated(config, loaded):
        config = await ports.source.load(fresh=True)
    baselines = await load_baselines(ports, config)
    context = CheckContext.of(ports, config, loaded, baselines, at, deadline)
    configured = order({**config.projects, **config.invalid}, loaded.watermark)

    # Each project's notices are sent while others are still being fetched.
    outcomes = await check_projects(context, configured)
    outcomes += await check_headroom(context, outcomes)
    watermark = await move_watermark(context, configured, outcomes)
    sent = await context.sender.finish()
    remembered = await remember_accepting(context, sent.accepted)

    facts = Facts(outcomes, watermark, sent, remembered)
    heartbeat = NO_BEAT
    if configured and facts.complete:  # without projects nothing is watched
        heartbeat = await beat(ports.heartbeat, config.heartbeat, deadline)
    return Report.of(context, facts, heartbeat, seconds=time.monotonic() - began)
