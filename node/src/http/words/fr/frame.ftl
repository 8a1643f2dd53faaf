### What stands on every page, and numbers, sizes and dates.

## Every page

brand = Commun
skip-to-content = Aller au contenu
skip-to-filters = Filtrer les résultats
language-choice = Langue de la page
search-label = Que cherchez-vous ?
search-hint = Sujet, titre, auteur, mot du texte
search-button = Chercher
footer-public = Tout ce qui est dans un commun est public, et chaque établissement en garde une copie.
footer-node = Nœud de { $institution }
footer-status = État du nœud
footer-accessibility = Accessibilité : non conforme
footer-api = Interface de programmation
page-title = { $title } · Commun

## Units

bytes =
    { $size ->
        [one] { $size } octet
       *[other] { $size } octets
    }
kilobytes = { $size } ko
megabytes = { $size } Mo
gigabytes = { $size } Go

## Numbers, dates and the language itself

# The language in itself, for the choice of language.
language-name = Français
# ltr or rtl: which way it is written.
language-direction = ltr
# A text between quotation marks.
quoted = « { $text } »
# What stands between the groups of three digits of a number.
number-group = {"\u202F"}
# What stands before the decimals of a number.
number-decimal = ,
# A day. { $month }: its name.
date-day =
    { $day ->
        [1] 1er { $month } { $year }
       *[other] { $day } { $month } { $year }
    }
# A month of a year.
date-month = { $month } { $year }
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
