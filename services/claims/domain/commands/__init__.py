"""The commands on a claim, one rule a file. `barred` says why not; what is offered to people asks the same."""
