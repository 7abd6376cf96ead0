"""The suite's own climate: the same draws each time, no clock on an example, one thread a worker."""

import os

from hypothesis import HealthCheck, settings

# Workers are started after this file is read, and OpenMP reads these once, when it is loaded. Threads that
# spin while they wait starve the worker beside them; one a worker, and nobody waits.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine is not a defect: no deadline on an example. What fails here fails everywhere: examples are
# drawn from the test itself. `--hypothesis-profile explore` draws anew, and says how to repeat what it finds.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, print_blob=True)
settings.load_profile("house")
