"""Real kills: the real program as child processes, broken under load, and its books judged by what Telegram saw.

Nothing of the product imports this but the command ``chaos``.
"""
