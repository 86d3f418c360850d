"""What counts against a seller, and the rates: the standard library only."""
