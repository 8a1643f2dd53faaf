### What is known of a software component, and who uses it.

component-title = This component
component-release = Latest release
component-status = Development
component-kind = Kind of software
component-languages = Written in
component-platforms = Runs on
# Followed by what the software is for.
component-categories = For
component-maintenance = Maintenance
component-contacts = Whom to ask
component-until = until { $date }
component-links = Links
component-keywords = Keywords
component-said-users = Users it names
# { $file }: the file that was read, such as publiccode.yml.
component-source = Read from { $file } at the default branch by the node of { $institution }.
component-reuse-whole = REUSE: every file states its licence
component-reuse-part = REUSE: { $covered } of { $files } files state their licence
component-licences = Licence texts found
component-uses-title = Needs
component-uses-help = What its metadata name. A link leads to a component of this commons.
component-used-by-title = Used by these components
component-optional = optional
component-proprietary = proprietary
component-hardware = hardware
component-problems-title = Metadata to mend
component-problems-help = Everything was read as far as possible; nothing was refused.
component-problem-line = line { $line }
component-severity-error = error
component-severity-warning = warning
component-adoptions-title = Used by
component-adoptions-help = Each institution says so itself, signed. Its contact can help.
component-adoption-since = since { $date }
component-adoption-version = version { $version }
component-adoption-testing = being tried
component-adoption-contact = Who can help
component-adoption-former = former member
