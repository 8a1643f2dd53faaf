### What was read out of files.

extraction-picture = First picture of this resource
extraction-page = page { $page }
extraction-outline = Contents
extraction-unread-title = Not searched by its words
extraction-unread-help = The text of these files could not be read. They are stored and can be downloaded; they are found by their title and description.
extraction-damaged = damaged, or not what its name says
extraction-encrypted = protected by a password
extraction-too-large = too large
extraction-refused = packed in a way that is not safe to open
extraction-too-slow = takes too long to read
extraction-other = cannot be read
extraction-unconfined = The program that reads documents is bounded, but this system cannot keep it from files and network.
extraction-unconfined-fix = Run the node on Linux with seccomp (every common distribution has it; some containers switch it off).
