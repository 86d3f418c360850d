"""python -m services.performance."""

from services.performance.app import main

main()
