"""The interview: an adaptive test of a skill, an open question, a defence of one's own answer."""
