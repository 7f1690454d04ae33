"""How much Slack takes: a bucket for each thing counted, filled by the server's clock."""

import math

from tests.slack.refusals import LimitedError

A_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}  # requests of a method, by its tier


class Buckets:
    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}  # of what → (time, how many it may still burst)

    def spend(self, of: str, a_second: float, burst: float, now: float) -> None:
        last, left = self._left.get(of, (now, burst))
        left = min(burst, left + (now - last) * a_second)
        if left < 1 - 1e-9:
            raise LimitedError(max(1, math.ceil((1 - left) / a_second - 1e-6)))
        self._left[of] = (now, left - 1)

    def spend_tier(self, method: str, tier: int, now: float) -> None:
        a_minute = A_MINUTE[tier]
        self.spend(method, a_minute / 60, a_minute, now)
