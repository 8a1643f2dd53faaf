### Following a search: feeds, and the description of the search for browsers.

follow-this = Follow this search
follow-help = Put one of these addresses into your news reader: what is new arrives by itself, without an account.
# The title of a feed. { $search }: the search in words; { $commons }: the name of the commons.
follow-title = { $search } – { $commons }
follow-about = What is new for this search: { $search }.
# The search without words and filters.
follow-everything = Everything
follow-opensearch = Search { $commons }: open teaching resources and open software of several institutions.
