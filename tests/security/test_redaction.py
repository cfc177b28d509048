"""What services answer is shown without our secrets, and without what may be a secret."""

from __future__ import annotations

import base64
import time
from urllib.parse import quote

import pytest

from headroom.net.redaction import PIECE, redact_known, redact_unknown
from tests.security.echoes import WAYS
from tests.security.test_refused_secrets import SHAPES

KEY = 'pk+/="\\Zr7Lw2Xk5Vb8Nm3Tc6Yh1J'


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("before", ["", "a", "ab", "key: "])
def test_a_secret_goes_whole_and_in_part_however_it_is_spelt(way: object, before: str) -> None:
    assert callable(way)
    said = redact_known(f"{before}{way(KEY)} is not known", KEY)
    left = said.removesuffix(" is not known")
    assert said != left
    assert left.count(".") >= 3
    for form in (KEY.lower(), quote(KEY).lower(), KEY.encode().hex()):
        assert not any(form[i : i + PIECE] in left.lower() for i in range(len(form) - PIECE + 1))


def test_what_is_no_secret_stays() -> None:
    said = "no such project PROJECT-ABCDEFGH2 in acme-uk; correlation id 8d4f-1234-5678 Xk5Vb8N"
    assert redact_known(said, KEY, "") == said


@pytest.mark.parametrize("before", ["İ", "ß" * 3, "ﬀ", "İstanbul "])
def test_letters_that_change_their_length_with_their_case_hide_nothing(before: str) -> None:
    assert redact_known(f"{before}{KEY}{before}", KEY) == f"{before}...{before}"


def test_several_secrets_go_at_once_and_in_base64_among_other_bytes() -> None:
    coded = base64.b64encode(f"user:{KEY}\nmore".encode()).decode()
    said = redact_known(f"{coded} and sesame-open-now", KEY, "sesame-open-now")
    assert said.endswith(" and ...")
    assert base64.b64encode(KEY.encode()).decode()[4:12] not in said


def test_a_long_text_costs_little() -> None:
    began = time.process_time()
    redact_known("x" * 100_000, KEY)
    assert time.process_time() - began < 1


def test_a_url_s_tokens_go_as_well_but_not_its_host_nor_the_service_s_name() -> None:
    url = "https://hooks.example.com/services/T0AB1CD2/tok3n?key=sesame"
    said = redact_known("hooks.example.com: services: no T0ab1cd2, tok3n, SESAME", url)
    assert said == "hooks.example.com: services: no ..., ..., ..."


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_unknown_key_goes_and_the_words_around_it_stay(shape: tuple[str, ...]) -> None:
    mark, *parts = shape
    assert redact_unknown(f"no key {mark.join(parts)} here") == "no key ... here"


def test_an_unknown_url_keeps_its_scheme_and_a_name_stays_whole() -> None:
    said = "channel ops-slack-europe-west-1: posting_to_general_channel_denied at 'https://a.b/c'"
    assert redact_unknown(said) == said.replace("a.b/c", "...")
