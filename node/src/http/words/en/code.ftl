### The pages of a repository.

## Repositories

clone-title = Get the code
clone-help = With Git, from this node:
readme-title = Read me
readme-none = This repository has no README file.
tree-title = Files
tree-label = Files and folders
commits-title = Latest changes
commits-none = No changes yet.
commits-all = All changes
# Followed by a date.
commit-by = { $author },
branches = Branches
tags = Tags
branch-default = default
empty-repository = This repository is empty: nobody has pushed code to it yet.
diverged-title = Two institutions have moved on separately
diverged-text = The branch { $branch } has several heads. That of { $institution } is served; the other is here:
diverged-fix = To bring them together:
objects-missing = This node has not received all the code of the last push yet. It serves the one before.
file-lines =
    { $lines ->
        [one] { $lines } line, { $size }
       *[other] { $lines } lines, { $size }
    }
file-binary = This file is not text.
file-too-large = This file is too large to be shown here.
folder = Folder
parent-folder = Parent folder
branch-behind = behind the log

## Pages of code

code-nav-label = This repository
code-nav-code = Code
code-nav-commits = Commits
code-nav-branches = Branches
code-nav-tags = Tags
# { $ref }: the name of a branch or a tag.
code-ref-switch = Branch or tag: { $ref }
code-ref-switch-more = All branches and tags
code-clone-ssh = Over SSH, with an enrolled key:
code-clone-commun = From any node, by its name in the commons:
code-pushers-title = Who may push
code-pushers-help = Each pushes to the node of its own institution.
code-latest-release = Latest tag
code-no-release = No tag yet.
code-archive-zip = Source code (zip)
code-archive-tar = Source code (tar.gz)
code-feed-commits = Feed of commits
code-feed-tags = Feed of tags
code-sha256-title = This repository cannot be browsed here
code-sha256-text = Its objects are named by SHA-256, which this node can store, check and serve, but not read for pages yet. Clone it to read it:
code-protected-title = Protected
code-protected-threshold = { $count } institutions must push a commit
code-waits-title = A push waits for another institution
code-waits-text = { $institution } pushed to { $branch }. Institutions that have pushed this commit: { $pushed } of { $needed }. Until then the branch stays as it is.
code-waits-compare = See what it changes
code-waits-agree = To agree, a developer of another institution that may push types this in a clone from their own node:
code-feed-threads = Feed of threads
code-feed-requests = Feed of merge requests
code-feed-title-threads = { $repository }: threads
code-feed-title-requests = { $repository }: merge requests
code-last-change = Last change
code-last-change-unknown = older
code-entry-submodule = submodule at { $commit }
code-entry-link = link
code-entries-more = Only the first { $count } entries are listed.
code-file-history = History
code-file-blame = Who wrote which line
code-file-plain = Download
code-file-permalink = Permanent link
code-file-source = Source
code-file-rendered = Rendered
code-blame-title = Who wrote which line
code-blame-help = Each line with the commit that gave it its present form. Nobody has checked the names.
code-blame-line = Line
code-blame-too-long = Finding out who wrote which line of this file takes too long here. Clone the repository and ask Git: git blame
code-blame-changed-in = Changed in
# { $what }: a branch, or a file.
code-commits-of = Commits of { $what }
code-commits-newer = Newer
code-commits-older = Older
code-commits-pages = Pages of commits
code-commit-title = Commit { $commit }
code-commit-author = Author
code-commit-committer = Committer
code-commit-parents = Parents
code-commit-parent-none = none: it is the first
code-commit-tree = Folder
code-commit-browse = Browse the files at this point
code-commit-merge = A merge: the changes are those against its first parent.
code-commit-signature = Signature
code-author-unchecked = Names and dates are as the author wrote them.
code-changed =
    { $count ->
        [one] { $count } file changed
       *[other] { $count } files changed
    }
# Numbers of lines of text.
code-changed-counts = lines added: { $added }, removed: { $removed }
code-changed-list = List of the files
code-diff-added = new
code-diff-removed = removed
code-diff-renamed = renamed from { $old }
code-diff-mode = is now of another kind
code-diff-binary = Not text: the content is not compared.
code-diff-large = The change is too large to be shown here.
code-diff-incomplete = Only the first { $shown } of { $all } files are shown. Clone the repository to see all.
code-diff-empty = Nothing changed.
code-diff-open = See the file
code-diff-lines = Changed lines of { $file }
code-diff-no-newline = no newline at the end of the file
code-compare-title = Compare { $base } with { $head }
# { $base } and { $head }: names of branches, tags or commits.
code-compare-text = What { $head } has and { $base } has not.
code-compare-base = Common ancestor
code-compare-none = Nothing: everything is there already.
code-compare-unrelated = The two have no common ancestor.
code-compare-commits = Commits
code-compare-more = Only the newest { $count } commits are listed.
code-compare-form-from = From
code-compare-form-to = to
code-compare-button = Compare
code-branches-title = Branches
code-branches-none = No branch yet.
code-tags-title = Tags
code-tags-none = No tag yet.
code-other-heads = Other heads
code-other-heads-help = What institutions pushed that is not served under the name of the branch.
code-diverged = separate head of { $institution }
code-waiting = waiting for agreement, from { $institution }
code-merge-request = merge request
code-branch-compare = Compare with { $branch }
# Followed by a date.
code-tag-by = by { $person },
code-file-lines-of = Lines of { $file }
code-blame-lines-of = Lines of { $file } and who wrote them
code-archive-help = The same bytes on every node. Links, submodules and Git’s own files are left out.
code-feed-title-commits = { $repository }: commits of { $branch }
code-feed-title-tags = { $repository }: tags
code-feed-title-activity = { $repository }: what was pushed
code-feed-activity = Feed of what was pushed
code-feed-moved = { $institution } moved { $ref } to { $commit }
code-feed-deleted = { $institution } deleted { $ref }
code-swhid-none-title = Not found
code-swhid-none = No repository that this node holds has this object.
code-swhid-bad = This is not a SWHID of a content, folder, commit or tag.
code-swhid-no-path = This object is in the repository
code-swhid-no-path-help = It is at no path of the newest commits of its branches and tags. To read it, clone the repository and ask Git:
code-swhid-held-by = It is in these repositories:
code-swhid-title = Permanent identifier
code-swhid-help = The SWHID names exactly this content, wherever it is kept.
