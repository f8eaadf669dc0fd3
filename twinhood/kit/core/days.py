"""The hours of one day in which two cities are both awake."""

AWAKE_FROM, AWAKE_UNTIL = 7.0, 23.0

type Hours = tuple[float, float]


def awake_hours(ahead_h: float) -> list[Hours]:
    """When a city `ahead_h` hours ahead of the reader's first city is awake, on the first's clock.

    Hours ascend within [0, 24); a span over midnight comes back as two.
    """
    start = (AWAKE_FROM - ahead_h) % 24
    end = start + AWAKE_UNTIL - AWAKE_FROM
    return [(start, end)] if end <= 24 else [(0.0, end - 24), (start, 24.0)]


def shared_hours(ahead_h: float) -> list[Hours]:
    """When both are awake, on the first city's clock."""
    spans = ((max(start, AWAKE_FROM), min(end, AWAKE_UNTIL)) for start, end in awake_hours(ahead_h))
    return [(start, end) for start, end in spans if start < end]


def hour_text(hour: float) -> str:
    """Write 16.5 as "16:30"."""
    minutes = round(hour * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
