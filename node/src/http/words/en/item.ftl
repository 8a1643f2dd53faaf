### The page of an item: what it is, what one may do with it, its files, where it comes from.

type-resource = Resource
type-repository = Code repository
type-collection = Collection
# { $authors }: names, parted by commas.
by-authors = by { $authors }
published-by = Published by
updated-on = Updated
# A heading; one sentence about the licence follows.
item-licence = May I use it?
licence-text-link = Text of the licence { $licence }
attribution-title = How to credit
attribution-help = Copy this to where you reuse it.
# The line to copy where the item is used again.
attribution-text = “{ $title }” by { $authors }, licence { $licence }. Source: { $source }
unknown-author = author not stated
files-title = Files
files =
    { $count ->
        [one] { $count } file, { $size }
       *[other] { $count } files, { $size }
    }
file-download = Download
file-size = Size
file-type = Type
file-name = Name
preview-title = Preview of
preview-none = This kind of file must be downloaded to be read.
preview-cell = Code cell { $number }
preview-rows = The first { $count } rows
type-text = Text
type-picture = Picture
type-notebook = Notebook
type-table = Table
type-slides = Slides
type-video = Video
type-sound = Sound
type-archive = Archive
type-code = Code
preview-large = This file is too large for a preview: download it.
preview-image-alt = Picture in the file { $file }
preview-missing = This node has not received this file yet. Try again in a moment.
description-title = Description
details-title = Details
detail-type = Kind
detail-level = Level
detail-subject = Subject
detail-language = Language
detail-authors = Authors
detail-contributors = With
detail-keywords = Keywords
detail-published = Published
detail-created = Created
detail-modified = Modified
detail-version = Version
detail-identifiers = Other identifiers
detail-related = Related to
versions-title = Versions
version-number = Version { $version }
version-current = current version
version-by = signed by
provenance-title = Where it comes from
provenance-institution = Institution
provenance-signed = Signed by
# { $position }: the number of the line in the log.
provenance-position = Log of { $institution }, position { $position }
provenance-record = Evidence: signed statements
provenance-verified = Signature and hashes verified by this node
provenance-copies =
    { $count ->
        [one] copies: { $count } institution
       *[other] copies: { $count } institutions
    }
provenance-custody-node = key kept by the institution’s node
provenance-custody-self = key kept by the person
get-title = Get all of it
get-help = In a terminal; every byte is verified and an interruption is resumed:
withdrawn-title = Withdrawn
words-withheld = This node has not received the description yet; it is asking the others again.
words-erased = The description was erased by the institution.
