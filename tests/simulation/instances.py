"""The function's warm instances, each with its own cache and a clock that is a little off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from mypy_boto3_ssm import SSMClient

from headroom.channels.registry import UnusableChannel
from headroom.config.configuration import Configuration
from headroom.config.ssm_source import SsmSource
from headroom.ports import Baselines, Channel, Ports, Readings, State
from headroom.state.codec import CAPACITY
from tests.simulation.outside.channels import DeadLetterQueue, SimulatedChannel, SimulatedChat
from tests.simulation.outside.fault_injector import FaultInjector
from tests.simulation.outside.parameters import PREFIX, Parameters, SsmClient
from tests.simulation.run_log import RunLog
from tests.simulation.scenarios import randomness

SKEW = 2.0
"""Seconds that an instance's clock is off, at most."""


class Instances:
    """The warm instances, by number; an invocation takes the one it prefers, if that is free."""

    def __init__(
        self,
        faults: FaultInjector,
        log: RunLog,
        state: State,
        baselines: Baselines,
        readings: Readings,
    ) -> None:
        self._faults = faults
        self._log = log
        self._state = state
        self._baselines = baselines
        self._readings = readings
        self._warm: dict[int, Ports] = {}
        self._busy: set[int] = set()
        self.parameters = Parameters(lambda: log.now)

    def take(self, wanted: int) -> tuple[int, Ports]:
        """Give the wanted one, or the next that is free; a cold one starts now."""
        while wanted in self._busy:
            wanted += 1
        self._busy.add(wanted)
        if wanted not in self._warm:
            self._warm[wanted] = self._start(wanted)
        return wanted, self._warm[wanted]

    def give_back(self, number: int, *, dead: bool) -> None:
        """Take it back; a dead one is gone."""
        self._busy.discard(number)
        if dead:
            del self._warm[number]

    def _start(self, number: int) -> Ports:
        scenario = self._log.scenario
        off = SKEW * (2 * randomness.parts(scenario.seed, "clock", number)[0] - 1)
        ssm = cast("SSMClient", SsmClient(self.parameters, self._faults))
        clock = self._log.loop.time
        return Ports(
            source=SsmSource(ssm, PREFIX, ttl=scenario.ttl, clock=clock),
            state=self._state,
            baselines=self._baselines,
            dead_letters=DeadLetterQueue(self._faults, self._log),
            readings=self._readings,
            channels=self._channels,
            clock=lambda: int(self._log.now + off),
            capacity=CAPACITY,
        )

    def _channels(self, configuration: Configuration) -> Mapping[str, Channel]:
        plain = partial(SimulatedChannel, faults=self._faults, log=self._log)
        chat = partial(SimulatedChat, faults=self._faults, log=self._log)
        made: dict[str, Channel] = {
            name: (plain if model.is_pager else chat)(name, is_pager=model.is_pager)
            for name, model in configuration.channels.items()
        }
        unusable = {
            name: UnusableChannel(each.problem, is_pager=bool(each.is_pager))
            for name, each in configuration.bad_channels.items()
        }
        return {"default": plain("default", is_pager=False), **unusable, **made}
