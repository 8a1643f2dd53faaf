### What this is, the legal notices, the accessibility statement, personal data.

about-title = About
about-beside = On this node
about-legal-title = Legal notices
about-accessibility-title = Accessibility statement
about-privacy-title = Personal data

## About

# { $commons }: the name of the commons.
about-lead = { $commons } brings together open teaching resources and open software of several institutions. Whoever teaches or develops finds them here in one search, takes them with their licence, and adapts them.
about-copies = Each institution runs a node of its own and keeps a copy of everything. There is no centre: when a node is offline, the others answer; when an institution leaves, what it shared stays.
about-signed = Whatever an institution publishes, corrects or withdraws, it signs. Every page says who signed, and anybody can check it without trusting this node.
# { $institution }: a link.
about-node = This page is served by the node of { $institution }.
about-members = Who is in the commons
about-contact-title = Contact
# { $mail }: a link.
about-mail = Write to { $mail }.
about-unstated-mail = The operator of this node has not stated a contact address.
about-report = To report a problem with a resource (an error, a right, something that cannot be read), name its address: it reaches the institution that published it.
about-reuse-title = Reuse
about-reuse-items = Each resource has a licence of its own: its page says in one sentence what one may do with it, and gives the credits ready to copy.
about-reuse-metadata = The records themselves (titles, summaries, subjects, levels) are public and may be harvested. They carry no licence of their own beyond what the institution that signed them states.
about-programs-title = For programs
about-sitemap = Sitemap
about-feed = Everything new, as a feed
about-program-title = The program
# { $version }: the version; { $licence }: a link.
about-program = Commun, version { $version }, is free software under the licence { $licence }.

## Legal notices

about-legal-lead = Who answers for what is published on this node, as its operator states it.
about-unstated-title = Something is missing here.
about-unstated-text = The operator of this node has not stated everything that the law asks of a public website. The settings “publisher”, “director”, “hosting” and “mail” do.
about-unstated = The operator has not stated this.
about-publisher = Publisher
about-director = Director of publication
about-hosting = Hosting
about-takedown-title = Notices about content
about-takedown = A resource that infringes a right or a law can be reported to the contact above, with its address and the reason. The institution that published it can withdraw it everywhere; this node can stop showing it at once. The reason stays visible in both cases.

## Accessibility statement (in the form that RGAA asks for)

# { $publisher }: who makes the commitment.
about-rgaa-lead = { $publisher } commits itself to making this site accessible, in accordance with article 47 of the French law no. 2005-102 of 11 February 2005.
# { $address }: the address of the node.
about-rgaa-scope = This statement is about { $address }.
about-rgaa-state-title = State of conformance
# { $state }: “not conformant”.
about-rgaa-state = This site is { $state } with the French general accessibility guidelines (RGAA 4.1): no audit has been made yet, and without one no other state may be claimed.
about-rgaa-not = not conformant
about-rgaa-tests-title = What has been tested
about-rgaa-tests = Without an audit there is no rate of conformance. The pages of the program are checked by automatic tests with axe-core and by keyboard before each release, in both languages, light and dark. Such tests find about a third of what an audit finds.
about-rgaa-known-title = Content that is not accessible
about-rgaa-known-files = Files that institutions share are theirs: not all have subtitles, text alternatives or tags. The page of a resource says what its institution states about that, and “not checked” where it states nothing.
about-rgaa-known-picture = The picture of the commons is repeated by a table that says the same.
about-rgaa-known-code = Names of files, code and identifiers are shown as their authors wrote them.
about-rgaa-made-title = How this statement was made
about-rgaa-made = It comes with the program and describes the version that runs here. Technologies: HTML, CSS and SVG; no page needs JavaScript.
about-rgaa-back-title = Feedback and contact
about-rgaa-back = If you cannot reach a content or a service, write to the operator to be directed to an accessible alternative or to get the content in another form.
about-rgaa-recourse-title = Remedies
about-rgaa-recourse = If you report a defect that keeps you from a content or a service and get no satisfactory answer, you may contact the French Defender of Rights: by the form below, through a delegate in your region, or by post without a stamp (Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07).
about-rgaa-defender = Form of the Defender of Rights

## Personal data

about-privacy-lead = Reading needs no account, and nobody is followed.
about-privacy-cookies = No cookie is set, and nothing is kept in your browser but what it caches of the pages.
about-privacy-others = No page loads anything from another site: no tracker, no statistics service, no foreign font.
about-privacy-log = The program counts requests by kind of page. It writes neither addresses of readers nor what they search into its log. A web server that the operator puts in front of it may keep a log of its own: ask the operator.
about-privacy-feeds = A feed that you follow is fetched by your reader; nothing links it to you.
about-privacy-authors-title = Names of authors
about-privacy-authors = Records name authors and contributors as the institutions state them, so that they are credited as licences ask. The pages of authors gather these names and nothing else.
about-privacy-signed = What is signed is copied to all institutions. Names stand in parts that can be erased everywhere while the signatures around them stay valid.
about-privacy-rights-title = Your rights
about-privacy-rights = To have your data corrected or erased (articles 16 and 17 of the GDPR), write to the institution that published the resource; its operator can help you find it. You can also complain to the CNIL.
