"""Where things are kept: tables, the one place that commits, statements. No rules, no Telegram."""
