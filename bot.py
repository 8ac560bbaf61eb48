"""Start script; run ``python bot.py --help``."""

from bot.main import main

if __name__ == "__main__":
    main()
