### What stands on every page, and numbers, sizes and dates.

## Every page

brand = Commun
skip-to-content = Skip to content
skip-to-filters = Filter the results
language-choice = Page language
search-label = What are you looking for?
search-hint = Subject, title, author, word of the text
search-button = Search
footer-public = Everything in a commons is public, and every institution keeps a copy of it.
footer-node = Node of { $institution }
footer-status = Node status
footer-accessibility = Accessibility: not conformant
footer-api = Programming interface
# In the browser’s tab. { $title }: what the page is about.
page-title = { $title } · Commun

## Units

# { $size }: a number, already written out.
bytes =
    { $size ->
        [one] { $size } byte
       *[other] { $size } bytes
    }
kilobytes = { $size } kB
megabytes = { $size } MB
gigabytes = { $size } GB

## Numbers, dates and the language itself

# The language in itself, for the choice of language.
language-name = English
# ltr or rtl: which way it is written.
language-direction = ltr
# A text between quotation marks.
quoted = “{ $text }”
# What stands between the groups of three digits of a number.
number-group = ,
# What stands before the decimals of a number.
number-decimal = .
# A day. { $month }: its name.
date-day = { $day } { $month } { $year }
# A month of a year.
date-month = { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
