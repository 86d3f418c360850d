"""Timer: deadlines set, cancelled and fired."""
