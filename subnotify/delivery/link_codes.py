"""The personal link of a letter as a code that a telephone's camera reads.

Nobody types a link of seventy characters, upper and lower case mixed, from paper.
"""

import segno

# One of the eight masks for every link. The standard lets the best one be sought, by trying all of
# them: that takes ten times as long, and the characters of a link are random already.
_MASK = 2
# In modules, as ISO/IEC 18004 asks for: it belongs to the code, whatever stands beside it.
QUIET_ZONE = 4


def link_code(link: str) -> str:
    """The QR code of a link, as SVG; it can be read with 15 % of it soiled. The same link is the
    same drawing. Raises ValueError for a link of more than 2,300 characters."""
    code = segno.make_qr(link, error="m", mode="byte", mask=_MASK, boost_error=False)
    return code.svg_inline(border=QUIET_ZONE, omitsize=True, svgclass=None, lineclass=None)
