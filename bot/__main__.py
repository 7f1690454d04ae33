"""`python -m bot` is the command `tariffwatch`."""

from bot.cli import main

main()
