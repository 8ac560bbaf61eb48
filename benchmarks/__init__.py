"""How fast the paid message is, beside what the machine could do: measured, never part of the product."""
