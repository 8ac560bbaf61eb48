"""What the game does: use cases, transaction functions, pure rules and ports. No Telegram, no sentences."""
