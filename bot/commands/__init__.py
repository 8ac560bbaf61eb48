"""The implementations of the commands; each is imported when its command runs. And their exit codes."""

FAILED_EXIT = 1
WRONG_EXIT = 2
INTERRUPTED_EXIT = 130
