"""Questions of quiz duels: packs are read, checked, stored and withdrawn; nothing is asked here."""
