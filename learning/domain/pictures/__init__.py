"""What the plots of the overview are drawn from: small, whatever the number of trades, and a function of them alone.

Everything is JSON: lists of numbers rounded to four digits, R where nothing else is said, None where unknown.
"""

from learning.domain.pictures.course import course
from learning.domain.pictures.days import days
from learning.domain.pictures.distribution import distribution
from learning.domain.pictures.places import places
from learning.domain.pictures.rolling import rolling
from learning.domain.pictures.slices import slices

__all__ = ("course", "days", "distribution", "places", "rolling", "slices")
