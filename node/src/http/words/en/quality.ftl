### The quality of the records of an institution.

quality-link = Quality of the records
quality-title = Quality of the records: { $institution }
quality-intro = What lacks, what is unclear and what is there twice among the resources of this institution, as this node knows them. Everybody may read it; the librarians of the institution mend it.
quality-items =
    { $count ->
        [one] { $count } resource
       *[other] { $count } resources
    }
quality-none = There are no resources here yet.
quality-good = Nothing to mend.
quality-fields = How complete the fields are
quality-field = Field
quality-filled = Filled in
quality-needed = Needed
quality-everybody = to be found and used
quality-suplomfr = in SupLOMFR
quality-helps = recommended
quality-to-mend = To mend
quality-first = The first { $shown } of { $all }; all of them are in the table.
quality-table = Everything as a table (CSV)
quality-links = Links
quality-links-never =
    { $count ->
        [0] There are no links to look at yet. When there are, a librarian has them looked at with:
        [one] { $count } link was never looked at. A librarian has it looked at with:
       *[other] { $count } links were never looked at. A librarian has them looked at with:
    }
quality-links-checked =
    { $links ->
        [one] { $checked } of { $links } link was looked at, the last on { $date }.
       *[other] { $checked } of { $links } links were looked at, the last on { $date }.
    }
quality-links-waiting =
    { $count ->
        [one] { $count } waits to be looked at.
       *[other] { $count } wait to be looked at.
    }
quality-missing = No value: { $field }
quality-unclear-licence = Licence that cannot be told
quality-nothing-to-open = Neither a file nor an address
quality-untagged-text = Title or description in no language
quality-unknown-term = Subject of no known vocabulary
quality-unreadable = Values that could not be read
quality-unread = Documents whose text could not be read
quality-behind = Made from something that has newer versions
quality-guessed = Values that are only guessed
quality-duplicate = Perhaps there twice
quality-dead-link = Links that lead nowhere
quality-unsure-link = Links that could not be judged
# Followed by a command.
quality-fix-field = Say it:
quality-fix-licence = Choose the SPDX id of what the author states, such as CC-BY-SA-4.0; where nobody knows, ask the author.
quality-fix-nothing-to-open = Publish a version with its files, or give the address where it is.
quality-fix-untagged-text = Say it again with its language.
quality-fix-unknown-term = Choose a concept of ISCED-F, or of a vocabulary that your institution publishes.
quality-fix-unreadable = Import the record again, or say the values by hand.
quality-fix-unread = Publish the file in another form: without a password, smaller, or with its text.
quality-fix-behind = See what changed there, and take up what is of use in a version of your own:
quality-fix-guessed = Look whether it is right, and say it.
quality-fix-duplicate = Look at both, then accept or refuse:
quality-fix-dead-link = Correct the address, or take it out:
quality-fix-unsure-link = Open it yourself: its server asks for a login, refuses, or was out of order.
quality-also = Also published as
quality-also-translation = in another language
