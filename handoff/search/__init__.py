"""Finding the approved answer to a patient's own words."""
