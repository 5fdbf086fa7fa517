"""The sample newsroom: what a fresh Copydesk shows before anybody has written a word.

Data and drawing code only. `newsroom.toml` names the people and sections, `articles/` holds the stories as
Markdown under TOML front matter, `reading` checks both and hands them over as plain values, and `pictures`
draws the illustrations. Whoever loads the sample turns these into articles by the same verbs an editor uses.
"""
