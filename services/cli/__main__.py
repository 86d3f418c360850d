"""python -m services.cli, which is `recourse`."""

from services.cli.app import main

if __name__ == "__main__":
    main()
