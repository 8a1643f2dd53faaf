### What was taken down, and why.

taking-withdrawn-on = Withdrawn by { $institution } on { $date }.
taking-withdrawn-by-on = Withdrawn by { $institution } ({ $person }) on { $date }.
taking-withdrawn-reason = Reason: { $reason }
taking-code-error = an error
taking-code-outdated = out of date
taking-code-duplicate = a duplicate
taking-code-rights = rights of others
taking-code-personal-data = personal data
taking-code-illegal = against the law
taking-code-harmful = harmful
taking-code-other = another reason
taking-code-source-deleted = deleted at the source that it came from
taking-erased-files = The files were erased by the institution.
taking-hidden-title = Not shown here
taking-report-hint = Something should not be here? Tell the institutions:
