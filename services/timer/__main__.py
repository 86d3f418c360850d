"""python -m services.timer."""

from services.timer.app import main

main()
