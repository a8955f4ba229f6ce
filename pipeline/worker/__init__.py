"""A process of `maskstream run`: the lanes of its share of the streams, around one classifier."""
