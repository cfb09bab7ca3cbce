"""How fast the tracker is, measured against what its parts do bare in the same run."""
