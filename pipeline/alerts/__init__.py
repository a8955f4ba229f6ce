"""What an operator is told: the rules that find it, and the words that say it. Pure, as the vision is."""
