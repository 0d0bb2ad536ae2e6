"""Does the interview predict? The standing report, items that retire, parameters from answers."""
