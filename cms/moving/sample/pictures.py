"""The sample newsroom's pictures, drawn on demand: the same name draws the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from cms.moving.sample.drawing import halls, land, tables, water
from cms.moving.sample.drawing.canvas import Canvas

_SCENES: dict[str, Callable[[Canvas], None]] = {
    "tram-street": land.tram_street,
    "court-house": land.court_house,
    "wheat-drought": land.wheat_drought,
    "pitch-above": land.pitch_above,
    "observatory-sky": land.observatory_sky,
    "market-stall": land.market_stall,
    "bridge-dusk": water.bridge_dusk,
    "ferry-dawn": water.ferry_dawn,
    "ship-cranes": water.ship_cranes,
    "lighthouse-night": water.lighthouse_night,
    "wind-turbines": water.wind_turbines,
    "reservoir-low": water.reservoir_low,
    "flood-map": water.flood_map,
    "letters-desk": tables.letters_desk,
    "council-chamber": halls.council_chamber,
    "theatre-stage": halls.theatre_stage,
    "server-hall": halls.server_hall,
    "bakery-oven": tables.bakery_oven,
    "library-shelves": tables.library_shelves,
    "violin-bench": tables.violin_bench,
    "hospital-corridor": halls.hospital_corridor,
    "bridge-crack": tables.bridge_crack,
    "pool-lanes": halls.pool_lanes,
}

NAMES = tuple(_SCENES)


def draw(name: str) -> bytes:
    """The picture of this name as a JPEG, 1600 by 1067. Raises KeyError for a name that isn't in NAMES."""
    canvas = Canvas(seed=NAMES.index(name) + 1)
    _SCENES[name](canvas)
    return canvas.jpeg()
