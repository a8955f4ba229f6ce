"""The parent of `maskstream run`: which streams there are, and the processes that they are spread over."""
