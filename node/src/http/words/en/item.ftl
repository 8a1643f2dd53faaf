### The page of an item: what it is, what one may do with it, its files, where it comes from.

type-resource = Resource
type-repository = Code repository
type-collection = Collection
# { $authors }: names, parted by commas.
by-authors = by { $authors }
published-by = Published by
updated-on = Updated
licence-text-link = Text of the licence { $licence }
attribution-title = How to credit
attribution-help = Copy one of these to where you reuse it: the title, the authors, the source and the licence of all that it is made of.
source-title = The resource
source-open = Open the resource
source-help = It is where its publisher keeps it; Commun has its record only.
source-others = Also at these addresses:
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
type-subtitles = Subtitles
type-file = Other
type-code = Code
preview-large = This file is too large for a preview: download it.
preview-image-alt = Picture in the file { $file }
preview-busy = This node is showing too many files at once; open this page again in a moment.
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
# { $position }: the number of the line in the log.
provenance-position = Log of { $institution }, position { $position }
provenance-record = Evidence: signed statements
provenance-verified = Signature and hashes verified by this node
provenance-copies =
    { $count ->
        [one] Copies: { $count } institution
       *[other] Copies: { $count } institutions
    }
provenance-custody-node = key kept by the institution’s node
provenance-custody-self = key kept by the person
get-title = Take it with you
get-help = Every byte is verified, and an interruption is resumed:
withdrawn-title = Withdrawn
words-withheld = This node has not received the description yet; it is asking the others again.
words-erased = The description was erased by the institution.

## What one may do with it

# { $authors }: whom to credit, as one of the four sentences below the next ones.
may-anything = You may use, change and share it for any purpose, even commercially, without asking or crediting anybody.
may-credit = You may use, change and share it, even commercially, if you credit { $authors }.
may-credit-alike = You may use, change and share it, even commercially, if you credit { $authors } and share your versions under the same licence.
may-noncommercial = You may use, change and share it, but not commercially, if you credit { $authors }.
may-noncommercial-alike = You may use, change and share it, but not commercially, if you credit { $authors } and share your versions under the same licence.
may-share = You may share it as it is, even commercially, if you credit { $authors }; you may not share a changed version.
may-share-noncommercial = You may share it as it is, but not commercially, if you credit { $authors }; you may not share a changed version.
may-unclear = It is not clear what you may do with it: no licence that we know is stated. Ask { $authors } before you reuse it.
authors-and = { $first } and { $last }
authors-many = { $first } and the other authors
authors-unnamed = its authors ({ $institution })
licence-stated = Stated licence:
attribution-plain = Text

## A look inside

# { $number }: the page of a document.
preview-page = Page { $number }
preview-pages =
    { $count ->
        [one] { $count } page.
       *[other] { $count } pages.
    }
preview-pages-first = The first { $count } are shown; download the document to read on.
preview-pages-coming = The first page is being drawn; open this page again in a moment for the others.
preview-pages-unread = The pages of this document cannot be shown:
# The names of languages follow, each a link.
preview-subtitles = Subtitles:
preview-webpage = The text and the pictures of this page; its scripts and its look are left out.
preview-words = The words of this document, without its layout; what is active in it stays in the file.
preview-words-first = Only the beginning is shown; download the document to read on.
preview-words-coming = The words of this document are being read; open this page again in a moment.

## Taking it away

get-file = Download
get-all = Download all
get-record = Its record, in a standard
get-embed = Show it in another page
get-embed-help = Copy this where a page takes HTML; tools that know oEmbed only need this page’s address.
get-terminal = With a terminal
embed-open = Open it in the commons

## Where it comes from

# { $person }: a name. { $date }: a day.
provenance-signed-by = Signed by { $person } on { $date }
provenance-signed-on = Signed on { $date }
provenance-proof = The proof, and how to check it without us
provenance-key = Key of the signature:
provenance-check = You need not believe this node. This command computes everything again on your machine, from the signed statements:

## What to look at next

alike-translations = The same in another language
alike-title = Similar
