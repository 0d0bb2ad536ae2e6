"""Words that the families draw from: common, short, without a second spelling."""

from __future__ import annotations

NOUNS = (
    "apple", "arrow", "basket", "beach", "bottle", "branch", "bread", "bridge", "butter", "button",
    "candle", "carpet", "castle", "chair", "cheese", "cherry", "circle", "clock", "cloud", "coffee",
    "corner", "cotton", "desert", "dinner", "doctor", "donkey", "dragon", "engine", "farmer",
    "feather", "finger", "flower", "forest", "garden", "ginger", "guitar", "hammer", "harbor",
    "honey", "horse", "island", "jacket", "kitchen", "kitten", "ladder", "lemon", "letter",
    "library", "market", "mirror", "monkey", "mountain", "needle", "orange", "paper", "pencil",
    "pepper", "picture", "pillow", "planet", "pocket", "potato", "rabbit", "river", "rocket",
    "sailor", "school", "shadow", "silver", "singer", "spoon", "square", "stone", "summer",
    "table", "teacher", "temple", "ticket", "tiger", "tomato", "tower", "train", "turtle",
    "umbrella", "valley", "village", "violin", "wagon", "water", "window", "winter", "yellow",
)  # fmt: skip
SHORT = (
    "ant", "bag", "bear", "bell", "bird", "boat", "book", "cake", "cat", "coin", "corn", "cow",
    "cup", "deer", "dog", "door", "duck", "egg", "fish", "fox", "frog", "goat", "hat", "hen",
    "ice", "jar", "key", "king", "lake", "lamp", "leaf", "lion", "map", "milk", "moon", "nest",
    "nut", "owl", "pan", "pear", "pen", "pig", "pond", "rain", "rice", "ring", "road", "rope",
    "rose", "salt", "seed", "ship", "shoe", "snow", "sock", "star", "sun", "tea", "tree", "wind",
)  # fmt: skip
NAMES = (
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kira", "Leo", "Mia",
    "Nils", "Olga", "Paul", "Rosa", "Sam", "Tara", "Udo", "Vera", "Will", "Yara", "Zoe",
)  # fmt: skip
ADJECTIVES = (
    "old", "red", "tall", "quiet", "green", "small", "brave", "warm", "cold", "happy", "dark",
    "heavy", "new", "blue", "soft", "lazy", "young", "white", "loud", "dry",
)  # fmt: skip
VERBS = (
    "sees", "likes", "finds", "takes", "paints", "sells", "wants", "holds", "brings", "watches",
    "carries", "follows", "loses", "keeps", "needs", "hides",
)  # fmt: skip
