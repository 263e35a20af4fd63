"""The Natural Earth projection: longitude and latitude to a flat sheet.

A compromise between true shapes and true areas, made for pictures of the whole world. Formula: B.
Šavrič, B. Jenny, T. Patterson, D. Petrovič, L. Hurni, "A Polynomial Equation for the Natural
Earth Projection", Cartography and Geographic Information Science 38(4), 2011, equations 3 and 4.
"""

from math import radians

Point = tuple[float, float]

CENTRE = 11.0
"""Central meridian, degrees east. At 11° the sheet ends at 169° west, in the Bering Strait: Russia
and Fiji stay whole, and Europe stands upright."""

WEST_END = CENTRE - 180.0


def project(longitude: float, latitude: float) -> Point:
    """Where a place lies on the sheet, for a globe of radius 1: x to the east, y to the south.

    Degrees; the longitude may pass 180 (Chukotka lies at 181 to 190).
    """
    phi = radians(latitude)
    square = phi * phi
    length = 0.870700 + square * (
        -0.131979 + square * (-0.013791 + square**3 * (0.003971 - 0.001529 * square))
    )
    height = 1.007226 + square * (
        0.015085 + square**2 * (-0.044475 + square * (0.028874 - 0.005916 * square))
    )
    return radians(longitude - CENTRE) * length, -phi * height
