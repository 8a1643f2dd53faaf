### The page of an institution.

institution-items = Latest additions
institution-items-all = Everything this institution shares
institution-none = This institution has not published anything yet.
institution-log = Log
institution-address = Address
institution-former = Former member: what it published before it left stays.
