"""Adapters: the outside world behind ports. Only wiring names them; import each from its own file."""
