"""Policies and marketplaces as data, and their loader."""

from __future__ import annotations

from shared.policies.catalogue import SETTING, SHIPPED, Catalogue, installed, load, read_policy
from shared.policies.errors import PolicyError
from shared.policies.model import Carrier, Marketplace, Policy

__all__ = [
    "SETTING",
    "SHIPPED",
    "Carrier",
    "Catalogue",
    "Marketplace",
    "Policy",
    "PolicyError",
    "installed",
    "load",
    "read_policy",
]
