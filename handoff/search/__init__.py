"""Finding the approved answer to a patient's own words."""

from handoff.search.index import Search, Served, make_search
from handoff.search.rank import Thresholds

__all__ = ["Search", "Served", "Thresholds", "make_search"]
