"""MRI readings and measurements as commands take them: agreement, comparison, to the registry."""
