### The search page: the box, the hits, the filters.

results-title-all = All content
results =
    { $count ->
        [0] No results
        [one] { $count } result
       *[other] { $count } results
    }
# Followed by what was searched, between quotation marks.
results-for = Results for
# Followed by what was searched, between quotation marks.
results-none-for = No results for
# Shown when another spelling was searched instead. { $query }: as typed.
results-not-for = Nothing matches “{ $query }” exactly.
# Follows the number of results: “120 results, page 2 of 6”.
results-page = page { $page } of { $pages }
results-sort = Sort by
sort-relevance = relevance
sort-newest = date
sort-title = title
filters = Filters
filters-active = Chosen filters
filter-remove = Remove the filter
filter-clear = Remove all filters
# A part of a list that is folded away.
filters-more = { $count } more
facet-type = Type
facet-resource-type = Kind
facet-licence = Licence
facet-language = Language
facet-level = Level
facet-subject = Subject
facet-institution = Institution
facet-licence-class = What one may do
facet-format = Format
facet-duration = Duration
facet-accessibility = Accessibility
filters-below = Narrow { $value } ({ $count })
complete-label = Suggestions
complete-found = Suggestions: #. Arrow keys choose, Enter takes.
complete-title = Title
reuse-switch = Free to adapt
reuse-on = Only what may be changed
reuse-explained = Without licences that forbid changes.
none-ways = Try another way
# { $filter }: the name of a filter, such as “Licence”. { $results }: “12 results”.
none-drop = Without the filter “{ $filter }”: { $results }
# { $results }: “12 results”.
none-shorter = Without the last word, “{ $query }”: { $results }
none-drop-all = Without any filter: { $results }
none-hint-spelling = Check the spelling.
none-hint-fewer = Try fewer words, or more common ones.
none-hint-other = Try another language.
none-nothing-yet = Nothing has been published in this commons yet.
previous = Previous
next = Next
pages-label = Pages of results
page-number = Page { $page }
query-refused = This search cannot be done
query-refused-intro = This search is beyond a limit of the node:
query-limit-characters = A search has at most { $limit } characters.
query-limit-words = A search has at most { $limit } words.
query-limit-depth = Parentheses are at most { $limit } deep.
query-limit-values = A filter has at most { $limit } values.
query-limit-reach = Results end after the first { $limit }: narrow the search.
# A link after “Nothing matches … exactly”: searches what was typed, without correcting it.
results-exactly = Search for it all the same
# A search names a field that there is not. { $name }: as typed, before the colon.
query-no-field = There is no field “{ $name }” to search in.
query-no-value = Nothing is written after the field “{ $field }”.
query-wrong-value = The field “{ $field }” cannot be “{ $value }”.
# Follows one of the three above.
query-nearest = Did you mean “{ $nearest }”?
# Followed by the names of the fields.
query-fields = You can search in these fields:
query-words = To search for the words themselves, put a space before the colon.
# The query has words in quotation marks.
results-unquoted = Nothing has the words in quotation marks together; they were searched one by one.
