### Who moved which branch of a repository, and how one can tell.

proof-nav = Verification
proof-title = Who moved what
proof-intro = Every change of a branch or tag is a signed statement in the log of the institution that took it. This page is this node's reading of them.
proof-yourself = To believe no node, let your own computer check it all:
proof-refs-title = Branches and tags now
proof-refs-ref = Branch or tag
proof-refs-stated = Stated in the logs
proof-refs-git = Served by this node
proof-refs-same = the same
proof-refs-behind = { $commit }: its objects are still on their way
proof-refs-missing = not here yet
proof-history-title = History, newest first
proof-history-none = Nobody has pushed yet.
proof-history-part = { $first } to { $last } of { $all } pushes
proof-newer = Newer
proof-older = Older
proof-change-new = { $ref } created at { $new }
proof-change-moved = { $ref } moved from { $old } to { $new }
proof-change-deleted = { $ref } deleted, was { $old }
proof-change-forced = forced
proof-waits = waits for another institution
proof-change-list = The list of changes is still on its way.
# A person and their institution.
proof-by = { $person }, { $institution }
proof-by-unknown = somebody unknown
proof-custody-self = keeps their own key
proof-custody-node = the node keeps their key
proof-where-stands = entry { $position } of the log of { $institution }
proof-charter = charter { $number }
proof-not-counted = did not count: { $reason }
proof-signed-verified = Signed by the person: the push certificate holds.
proof-signed-none = Attested by the node: it says who was logged in.
proof-signed-absent = The certificate, if there was one, is not here: erased or withheld.
proof-signed-broken = The push certificate does not hold: { $reason }
proof-witnesses = Witnessed by { $institutions }
proof-witnesses-nobody = Witnessed by nobody yet
proof-link = Who moved what
# A short mark beside a commit: its signature holds.
proof-badge-verified = verified: { $person }, { $institution }
proof-badge-unknown = signed by an unknown key
proof-badge-bad = the signature does not hold
proof-badge-unsigned = not signed
proof-badge-not-checked = signed with { $format }: not checked
