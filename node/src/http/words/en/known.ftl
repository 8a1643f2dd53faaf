### Everything that is known of an item: the names of the fields of the metadata, and where a value comes from.

## Where values come from

known-title = Everything that is known
known-help = Each value with where it came from. Of several the best founded one is shown above.
known-field = Field
known-value = Value
known-source = From
known-declared = declared
# { $place }: the field of a standard, such as “LOM 5.6”.
known-mapped = taken from { $place }
# { $place }: the name of a file.
known-extracted = read by a program in { $place }
# { $place }: what it was guessed from.
known-inferred = guessed from { $place }
known-corrected = corrected
known-by = by { $who }
known-cleared = rightly empty
known-yes = yes
known-no = no
known-more =
    { $count ->
        [one] { $count } more value
       *[other] { $count } more values
    }

## Fields

field-kind = Kind
field-title = Title
field-summary = Summary
field-description = Description
field-keywords = Keywords
field-language = Language
field-creators = Authors
field-contributors = Contributors
field-publishers = Publishers
field-funders = Funders
field-rights-holders = Rights holders
field-created = Made
field-published = Published
field-modified = Changed
field-version = Version
field-status = Status
field-licence = Licence
field-licence-statement = About the rights
field-free = Free of charge
field-restrictions = Restricted by rights
field-access = Access
field-document-type = Type of document
field-resource-type = Type
field-level = Level
field-subject = Subject
field-outcomes = What one learns
field-competencies = Competencies
field-assesses = What it tests
field-prerequisites = What one should know before
field-classifications = Other classifications
field-audience = Audience
field-age-range = Ages
field-difficulty = Difficulty
field-learning-time = Time to learn
field-duration = Duration
field-interactivity = Interactivity
field-interactivity-level = Degree of interactivity
field-semantic-density = Density
field-activities = Activities
field-usage = How to use it
field-credit = Credits
field-user-language = Language of its users
field-structure = Structure
field-aggregation-level = Level of aggregation
field-relations = Related to
field-aliases = Other identifiers
field-identifiers = Identifiers in catalogues
field-files = Files
field-formats = Formats
field-size = Size in bytes
field-links = Links
field-requirements = Requirements
field-other-requirements = Other requirements
field-installation = Installation
field-image = Pictures
field-accessibility-modes = Perceived by
field-accessibility-sufficient = Sufficient together
field-accessibility-features = Accessibility
field-accessibility-hazards = Hazards
field-accessibility-controls = Controls
field-accessibility-summary = About accessibility
field-accessibility-checks = Checks of accessibility
field-coverage = Places and times
field-annotations = Remarks
field-record = Records elsewhere
field-original = Untouched originals
field-programming-language = Written in
field-platform = Runs on
field-development-status = Development
field-software-type = Kind of software
field-maintenance = Maintenance
field-category = For
field-used-by = Used by
field-dependencies = Needs
field-contacts = Whom to ask
