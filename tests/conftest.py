"""How many examples hypothesis tries: 25 on a desk, 100 in CI, 2,000 in the profile `thorough`."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("usual", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile("usual" if os.environ.get("CI") else "quick")
