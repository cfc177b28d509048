"""Finds the causes that several failing projects of one check share, while they are checked.

A healthy project never waits. A notice about a failure waits until all projects have their answers:
only then is it known whether others fail for the same cause.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from headroom.config.configuration import Configuration
from headroom.domain.causes import (
    BlindProject,
    Cause,
    blind_projects,
    causes_of,
    hidden,
    not_asked,
    open_causes,
    possible,
)
from headroom.domain.headline import UNREACHABLE
from headroom.domain.holidays_end import HOLIDAYS, holidays_end
from headroom.domain.lateness import failed, fell_silent, known, own_failures
from headroom.domain.lines import LineFailure
from headroom.domain.outbox import Outbox, undeliverable
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answers
from headroom.domain.rules import Fault, InvalidProject, Project, Routing
from headroom.domain.self_monitoring import OwnProblems
from headroom.domain.transition import Entry
from headroom.domain.undeliverable import reported
from headroom.domain.unreachable import unreachable_alert
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant, Moment

SEVERAL = 2
"""Failing projects that make a cause a shared one."""


def own_problems(
    config: Configuration, unreadable: Mapping[str, str], document: str, now: Instant
) -> OwnProblems:
    """The problems of Headroom itself that are known before any project is judged."""
    others = {name: why for name, why in unreadable.items() if name != document}
    known: dict[str, Project | InvalidProject] = {**config.invalid, **config.projects}
    faults, concerned = _faults(config, now)
    return OwnProblems(
        unreadable=others,
        entries={name: known[name] for name in others if name in known},
        faults=faults if config.fresh else None,
        installation=config.installation,
        concerned=concerned,
        document=document,
    )


def _faults(
    config: Configuration, now: Instant
) -> tuple[Mapping[str, Fault], Mapping[str, Routing]]:
    """What is wrong beside the projects, by its place, and the channels of each."""
    faults = {
        place: Fault(each.text, each.inner, each.meanwhile) for place, each in config.faults.items()
    }
    ending = holidays_end(config.projects.values(), now)
    if ending is None:
        return faults, config.concerned
    fault, routing = ending
    return {**faults, HOLIDAYS: fault}, {**config.concerned, HOLIDAYS: routing}


class SharedCauses:
    """The failures of one check by their causes, and what was stored about them."""

    def __init__(self, loaded: Loaded, moment: Moment, own_document: str) -> None:
        self._moment = moment
        self._own_document = own_document
        own = loaded.documents.get(own_document)
        self._documents = loaded.documents
        self._unreadable = loaded.unreadable
        self._open = open_causes(own.incidents) if own else {}
        self._readable = own_document not in loaded.unreadable
        """Whether alerts of shared causes can be stored; if not, each project has its own."""
        self.reported = self._reported(own)
        """Channel and id of the refused notices that may be removed from their documents."""
        self.refusing: frozenset[str] = frozenset()
        """Channels that have accepted nothing since they refused a notice, as stored now."""
        self._failing: dict[Cause, set[str]] = {}
        self._awaited: set[str] = set()
        self._all_answered = asyncio.Event()
        self._judged: set[str] = set()
        self._blind: list[dict[Cause, BlindProject]] = []
        self._silent: set[Cause] = set()
        """Causes of projects whose data stopped an hour ago, and is not expected any more."""
        self._uncertain: set[Cause] = set()
        """Further causes for which a judged project may fail, not in `_blind`."""

    def expect(self, names: Iterable[str]) -> None:
        """Note the projects whose answers are on the way."""
        self._awaited.update(names)
        self._all_answered.clear()

    def stop_waiting_for(self, name: str) -> None:
        """Note that a project has its answers, or will have none."""
        self._awaited.discard(name)
        if not self._awaited:
            self._all_answered.set()

    def causes(
        self, entry: Entry, document: ProjectState, answers: Answers
    ) -> frozenset[Cause] | None:
        """Return the causes with an alert, which covers this project's failures too.

        None: they are known only once all projects have their answers (`all_causes`).
        """
        failures = self._failures(entry, document, answers)
        found = causes_of(failures) if isinstance(entry, Project) else ()
        for cause in found:
            self._failing.setdefault(cause, set()).add(document.project)
        self.stop_waiting_for(document.project)
        if not (found and isinstance(entry, Project)):
            return frozenset(self._open)
        alone = unreachable_alert(entry, failures, document.unread_since, self._moment.now)
        if alone.severity is None or alone.alert_id in document.incidents:
            return frozenset(self._open)
        return self._shared() if self._all_answered.is_set() else None

    async def all_causes(self) -> frozenset[Cause]:
        """Return the causes with an alert, once all projects have their answers."""
        await self._all_answered.wait()
        return self._shared()

    def judged(self, entry: Entry, after: ProjectState, answers: Answers) -> None:
        """Note the state that was stored after this check has judged a document."""
        self._judged.add(after.project)
        self.refusing |= {name for name, each in after.refusals.items() if each.accepted <= each.at}
        if isinstance(entry, InvalidProject):
            found = not_asked(entry, after.causes)
            self._blind.append({cause: found[cause] for cause in found.keys() & self._open})
        if not isinstance(entry, Project):
            return
        self._note_silence(entry, after, answers)
        if after.failing_since is not None:
            self._note_failing(
                entry, after, after.failing_since, self._failures(entry, after, answers)
            )

    def _note_silence(self, project: Project, after: ProjectState, answers: Answers) -> None:
        before = self._documents.get(project.name)
        if before is None or not before.stopped or after.stopped:
            return
        reached = known(project, answers, self._moment, before.stopped)
        if fell_silent(reached, before.stopped):
            self._silent |= possible(project)

    def _note_failing(
        self, project: Project, after: ProjectState, since: Instant, failures: list[LineFailure]
    ) -> None:
        """Note the causes of a project that fails.

        Other causes may be hidden behind them: a 503 does not prove that the key is accepted.
        """
        if any(each.last.rule == UNREACHABLE for each in after.incidents.values()):
            return  # it has an alert of its own
        self._uncertain |= hidden(project, failures)
        # While an alert covers the project, another cause counts from when it was first seen.
        ages = (
            after.causes
            if possible(project) & self._open.keys()
            else dict.fromkeys(after.causes, since)
        )
        self._blind.append(blind_projects(project, failures, ages))

    def _failures(
        self, entry: Entry, document: ProjectState, answers: Answers
    ) -> list[LineFailure]:
        """The queries that could not be read, or not far enough."""
        if not isinstance(entry, Project):
            return []
        reached = known(entry, answers, self._moment, document.stopped)
        return [*own_failures(entry, failed(entry, answers, reached))]

    def with_shared(
        self, own: OwnProblems, config: Configuration, outboxes: Mapping[str, Outbox]
    ) -> OwnProblems:
        """Headroom's own problems with what the checks of the projects found."""
        shared = self._shared()
        covered: dict[Cause, list[BlindProject]] = {}
        for found in self._blind:
            for cause in found.keys() & shared:
                covered.setdefault(cause, []).append(found[cause])
        others = (box for name, box in sorted(outboxes.items()) if name != self._own_document)
        return replace(
            own,
            blind=dict(sorted(covered.items())),
            may_go_on=self._may_go_on(config),
            silent=frozenset(self._silent),
            given_up=[each for box in others for each in undeliverable(box)],
        )

    def _reported(self, own: ProjectState | None) -> frozenset[tuple[str, str]]:
        """The refused notices that need no report: counted ones, or all if none can be stored."""
        if self._readable:
            return reported(own.refusals) if own else frozenset()
        given_up = (each for one in self._documents.values() for each in undeliverable(one.outbox))
        return frozenset((each.channel, each.notice.id) for each in given_up)

    def _shared(self) -> frozenset[Cause]:
        if not self._readable:
            return frozenset()
        several = {cause for cause, names in self._failing.items() if len(names) >= SEVERAL}
        return frozenset(several | self._open.keys())

    def _may_go_on(self, config: Configuration) -> frozenset[Cause]:
        """The causes that may go on, as far as this check knows."""
        left = (
            project
            for name, project in config.projects.items()
            if name not in self._judged and self._failed(name)
        )
        return frozenset(self._uncertain).union(*map(possible, left))

    def _failed(self, name: str) -> bool:
        """Whether a project failed before this check, or may have: its document is unreadable."""
        document = self._documents.get(name)
        return name in self._unreadable or (
            document is not None and document.failing_since is not None
        )
