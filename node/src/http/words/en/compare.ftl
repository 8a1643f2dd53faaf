### What changed between two versions of an item.

compare-link = what changed
compare-link-behind = What changed since
compare-title = From version { $old } to version { $new }
compare-from = Version
compare-to = compared with version
compare-button = Compare
compare-nothing = Nothing changed: these versions say the same, and their files are the same.
compare-metadata = What is said of it
compare-metadata-same = Nothing changed in what is said of it.
compare-before = before:
compare-after = after:
compare-order = The same values in another order.
compare-files = Files
compare-files-same = The files are the same.
compare-files-missing = The list of files of one of these versions is not on this node, so nothing is said about files.
compare-added = New ({ $count })
compare-changed = Changed ({ $count })
compare-removed = Removed ({ $count })
