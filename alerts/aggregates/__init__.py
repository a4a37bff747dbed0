"""The values that alerts are compared with.

One module a feed: `read` has the values of many keys at one moment, in one look at the feed; `course` has one key's
value at many moments, for the preview. Both follow the formula of the rule.
"""
