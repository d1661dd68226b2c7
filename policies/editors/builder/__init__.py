"""Forms that say everything that a rule, a quantity or an amount can say.

`kinds` is the table of what can be said, in its words. `opening` makes a form of what is written,
`posting` of what a browser sent, `writing` writes it down or says beside which box it is wrong; `views`
and one template show it. `nodes` is what they hand on, `acts` what the buttons do.
"""
