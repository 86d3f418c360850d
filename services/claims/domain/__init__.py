"""The claims of an order: when one may be filed, what grants it, and who pays. The standard library only."""
