"""python -m services.orders."""

from services.orders.app import main

main()
