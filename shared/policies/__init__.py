"""Policies and marketplaces as data, and their loader."""

from __future__ import annotations

from shared.policies.catalogue import SHIPPED, Catalogue, load
from shared.policies.errors import PolicyError
from shared.policies.model import Carrier, Marketplace, Policy

__all__ = ["SHIPPED", "Carrier", "Catalogue", "Marketplace", "Policy", "PolicyError", "load"]
