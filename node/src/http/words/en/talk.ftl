### Threads and merge requests of a repository.

talk-nav-threads = Threads
talk-nav-requests = Merge requests
talk-threads = Threads
talk-requests = Merge requests
talk-threads-none = No thread here.
talk-requests-none = No merge request here.
talk-filter-label = State
# A choice in a list of states: those that are open.
talk-state-open = open
talk-state-closed = closed
talk-state-merged = merged
talk-state-all = all
# The state of one thread or merge request.
talk-is-open = open
talk-is-closed = closed
talk-is-merged = merged
talk-write-thread = To open one, with the access token of your institution’s node:
talk-write-request = To propose a change, push it to the node of your institution:
talk-write-comment = To answer:
talk-write-review = To review, or to merge:
talk-opened-by = opened by { $person } on { $date }
talk-comments =
    { $count ->
        [one] { $count } comment
       *[other] { $count } comments
    }
talk-newer = Newer
talk-older = Older
talk-edited = edited
talk-answers = in answer to
talk-concurrent = Several wordings stand beside each other: none replaced the others.
talk-withheld = The words of this entry have not arrived yet.
talk-erased = The words of this entry were erased.
talk-made-open = opened it again
talk-made-closed = closed it
talk-labelled = set the labels { $labels }
talk-unlabelled = took all labels away
talk-version = pushed version { $version }
talk-approves = approves
talk-rejects = rejects
talk-looked-at = has looked at
talk-version-signed = signed by the person
talk-version-broken = its certificate does not hold
talk-of-version = version { $version }
talk-stale = of an earlier version
talk-signed-node = as attested by the node of { $institution }
# { $branch }: the branch that the change is for.
talk-request-into = into { $branch }
talk-request-topic = topic { $topic }
talk-request-commits = Commits
talk-request-commits-more = … { $count } in all.
talk-request-diff = Changes
talk-request-here = This node does not hold the commits yet; they are on their way.
talk-request-fetch = To have a look at it in a clone:
talk-request-reviews = Reviews of the newest version
talk-waiting = { $institution } has merged it; the branch is protected and waits for other institutions to do the same.
talk-merged-note = The branch contains this commit.
talk-closed-note = Closed by the institution of the repository.
talk-entries-more = More
