"""Small tasks with known truth, which prove the judge and let people practise."""
