"""How we say it: the technical ground under every service, without a business word."""
