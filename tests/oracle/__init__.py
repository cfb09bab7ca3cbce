"""A second telling of the reminders, written from the design alone; it shares no code with the engine it judges."""
