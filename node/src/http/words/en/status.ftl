### The state of the node, for those who run it.

status-title = Node status
status-good = All is well.
status-bad =
    { $count ->
        [one] { $count } thing needs attention.
       *[other] { $count } things need attention.
    }
status-node = This node
status-commons = Commons
status-charter = Charter no. { $number }
status-members =
    { $count ->
        [one] { $count } institution
       *[other] { $count } institutions
    }
status-writer = writes the log of its institution
status-replica = replica: does not write
status-uptime = Up for
status-ssh = Git over SSH
status-ssh-key = host key fingerprint
status-version = Software version
status-logs = Logs
status-log-of = Institution
status-size = Entries
status-root = Root
status-witnessed = Witnessed
# Followed by the names of institutions.
status-witnessed-up-to = up to { $entries }, by
status-witnessed-none = by nobody yet
status-state = State
status-behind-by =
    { $entries ->
        [one] { $entries } entry behind
       *[other] { $entries } entries behind
    }
state-ok = up to date
state-behind = behind
state-frozen = frozen: two contradicting versions
state-former = former member
status-peers = Other nodes
status-peer = Node
status-connected = connected
status-disconnected = unreachable
status-rtt = Round trip
status-path = Path
status-path-direct = direct
status-path-relay = relayed
status-catalogue = Catalogue
status-items = Items
status-position = Line of the local journal
status-fold = Rules (version)
status-catalogue-root = Catalogue root
status-root-help = Two nodes with the same root have exactly the same catalogue.
status-index = Search index
status-documents = Documents
status-content = Content
status-held = Items held here
status-wanted = Items awaited
status-bytes = Space used
status-offences = Messages refused
status-offences-none = None.
status-peers-none = No other node is known yet.
status-offences-help = What others sent that was not valid. None of it was kept.
status-todo = What to do
fix-frozen = Tell { $institution }: it has to name which version of its log stands (a succession). Until then, what was accepted stays.
fix-behind = Nothing, if it lasts a few minutes only. Otherwise check that this node reaches that of { $institution }.
fix-peer = This node takes it back as soon as it answers. If it is away for long, ask { $institution }.
fix-index = Nothing for now: the index is catching up. If it stays behind, run “commun-node rebuild”.
fix-content = Nothing, if it makes progress. Otherwise check disk space and that the publishing nodes answer.
fix-writer = This node asks the others how long its log is before it writes. If it is alone, start it with “--alone”.
problem-frozen = The log of { $institution } is frozen: it contradicted itself.
problem-behind =
    { $entries ->
        [one] The log of { $institution } is { $entries } entry behind here.
       *[other] The log of { $institution } is { $entries } entries behind here.
    }
problem-peer = The node of { $institution } does not answer.
problem-index =
    { $lines ->
        [one] The search index is { $lines } line behind the journal.
       *[other] The search index is { $lines } lines behind the journal.
    }
problem-content =
    { $count ->
        [one] { $count } item has not arrived here yet.
       *[other] { $count } items have not arrived here yet.
    }
problem-writer = This node may not write to its log yet.
problem-full = { $institution } has reached its quota on this node; no more of its content is fetched.
fix-full = Talk to the institution, or raise quota_bytes or quota_statements in commun.toml and restart the node.
problem-held-back = What { $institution } proposes in merge requests is not fetched (repositories of others: { $size }): it has reached its quota on this node.
fix-held-back = What is merged counts to the repository’s owner. Talk to { $institution }, or raise quota_bytes or quota_statements in commun.toml and restart the node.
problem-upkeep = The repository { $repository } could not be packed: { $error }
fix-upkeep = It works all the same and is tried again. If it stays, check the disk, and run git fsck in its folder.
status-upkeep = Repositories last looked after
status-upkeep-never = not since the start
status-usage = What each institution takes here
unit-seconds = { $count } s
unit-minutes = { $count } min
unit-hours = { $count } h
unit-days = { $count } d
# What the law asks of a public website.
status-notices-stated = stated by the operator
status-notices-missing = not stated by the operator; to be set in commun.toml:
