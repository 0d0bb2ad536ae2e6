"""Small everyday functions: spans of numbers, money, words, dates, versions."""
