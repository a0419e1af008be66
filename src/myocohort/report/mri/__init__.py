"""Pictures of one patient's thigh MRI: montage, before and after, thigh map, trajectories."""
