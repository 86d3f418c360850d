"""What another policy would have decided: recorded claims, replayed through the real services on a virtual clock.

Nothing here reaches a live system: histories are read, by the read-only role or from a file, and everything that
follows happens in memory.
"""

from __future__ import annotations

from services.cli.backtest.compare import Report, backtest
from services.cli.backtest.recorded import History

__all__ = ["History", "Report", "backtest"]
