"""The built-in character: answers from the game's state and rules where no language model is connected."""
