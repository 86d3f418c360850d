"""python -m services.claims."""

from services.claims.app import main

main()
