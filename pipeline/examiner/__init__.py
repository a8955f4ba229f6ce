"""A process that reads what strangers send: pictures and clips are decoded here and nowhere else."""
