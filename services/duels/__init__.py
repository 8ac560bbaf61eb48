"""Quiz duels: sets of questions, stakes, answers, pairing, settlement and what is read of them."""
