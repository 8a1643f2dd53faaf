### What is said instead of a page.

error-404-title = Page not found
error-404-text = There is nothing at this address. Its name may have changed: search for it.
error-400-title = Request not understood
error-500-title = A fault on our side
error-500-text = The node could not answer. Its operator will find the cause under this number.
error-503-title = Too busy
error-other-title = Not possible
error-back = Back to the search
error-request = Request
