"""The rules of an order, its stock and its tracking numbers. The standard library only."""
