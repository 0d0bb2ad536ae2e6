"""The gym of reviews: what a person makes of somebody's answer is an episode too."""

from banbury.gyms.review.gym import Accept, Mend, Return, ReviewGym, problem_of

__all__ = ["Accept", "Mend", "Return", "ReviewGym", "problem_of"]
