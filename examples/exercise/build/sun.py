"""Where the sun stands: azimuth and apparent altitude from place and time.

The formulas are those of the NOAA Global Monitoring Laboratory's solar calculator, which follow
Meeus, Astronomical Algorithms (1991): good to about 0.01 degrees between 1900 and 2100. The tests
hold them against the independent low-precision formulas of the Astronomical Almanac.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import acos, asin, atan2, cos, degrees, radians, sin, tan

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_position(moment: datetime, latitude: float, longitude: float) -> tuple[float, float]:
    """Azimuth clockwise from north and altitude with refraction, both in degrees."""
    days = (moment - _J2000).total_seconds() / 86400
    declination, equation_of_time = _sun(days / 36525)
    utc = moment.astimezone(UTC)
    minutes = utc.hour * 60 + utc.minute + utc.second / 60
    hour_angle = radians((minutes + equation_of_time + 4 * longitude) / 4 - 180)
    north = radians(latitude)
    altitude = asin(sin(north) * sin(declination) + cos(north) * cos(declination) * cos(hour_angle))
    azimuth = atan2(
        -sin(hour_angle) * cos(declination),
        cos(north) * sin(declination) - sin(north) * cos(declination) * cos(hour_angle),
    )
    return degrees(azimuth) % 360, degrees(altitude) + _refraction(degrees(altitude))


def _sun(centuries: float) -> tuple[float, float]:
    """Declination in radians and the equation of time in minutes."""
    t = centuries
    mean_longitude = radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360)
    anomaly = radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = radians(
        sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * t)
    apparent = mean_longitude + centre - radians(0.00569 + 0.00478 * sin(node))
    tilt = 23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60
    obliquity = radians(tilt + 0.00256 * cos(node))
    y = tan(obliquity / 2) ** 2
    equation = (
        y * sin(2 * mean_longitude)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * y * sin(anomaly) * cos(2 * mean_longitude)
        - 0.5 * y * y * sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * sin(2 * anomaly)
    )
    return asin(sin(obliquity) * sin(apparent)), 4 * degrees(equation)


def _refraction(altitude: float) -> float:
    """How far the air lifts the sun, in degrees."""
    if altitude > 85:
        return 0.0
    slope = tan(radians(altitude))
    if altitude > 5:
        seconds = 58.1 / slope - 0.07 / slope**3 + 0.000086 / slope**5
    elif altitude > -0.575:
        seconds = 1735 + altitude * (-518.2 + altitude * (103.4 + altitude * (-12.79 + altitude * 0.711)))
    else:
        seconds = -20.772 / slope
    return seconds / 3600


def angle_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The angle in degrees between two directions given as azimuth and altitude."""
    (az1, alt1), (az2, alt2) = [(radians(az), radians(alt)) for az, alt in (first, second)]
    product = sin(alt1) * sin(alt2) + cos(alt1) * cos(alt2) * cos(az1 - az2)
    return degrees(acos(max(-1.0, min(1.0, product))))
