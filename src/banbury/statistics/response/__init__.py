"""Item response: ability from answers, the next item, exposure, calibration, items that differ."""
