"""DESIGN section 6: a document stays under 300 KB; beyond, the least severe become one digest."""

from __future__ import annotations

from headroom.domain.rules import Severity
from headroom.domain.telling import Told
from headroom.state.codec import LIMIT, size
from headroom.turn import Sender, post
from tests.builders import T0, document, notice


def test_the_least_severe_notices_of_a_flood_become_one_digest() -> None:
    flood = [
        Told(
            notice(
                severity=Severity.CRITICAL if number % 10 == 0 else Severity.WARNING,
                series=f"variant-{number}",
            ),
            ("ops-slack", "on-call") if number % 10 == 0 else ("ops-slack",),
        )
        for number in range(900)
    ]
    sender = Sender("token", T0, T0 + 110, pagers=frozenset({"on-call"}))
    after, claims, told = post(document(), flood, sender)
    assert size(after) <= LIMIT
    *kept, digest = told
    assert {each.notice.severity for each in kept[:90]} == {Severity.CRITICAL}
    assert digest.channels == ("ops-slack",)
    assert digest.notice.summary.startswith(f"WARNING {900 - len(kept)} more notices support-line")
    assert len(claims) == len(kept) + 90 + 1
    assert len(kept) > 200
