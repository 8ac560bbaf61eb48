"""A Telegram of our own, for development and end-to-end tests; only the start imports it."""
