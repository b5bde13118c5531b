"""For every test: property tests take the same examples each time, but in a soak, which looks for new ones."""

import os

from hypothesis import settings

settings.register_profile("seeded", derandomize=True, deadline=None)
settings.register_profile("soak", deadline=None, print_blob=True)
settings.load_profile("soak" if os.environ.get("MONITR_SOAK") == "1" else "seeded")
