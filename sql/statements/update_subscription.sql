-- Takes over what the service told of a subscription (row ?1), as it was when asked at ?8. A welcome event that
-- arrived since then is newer than "not verified". Attempts count anew once it has been verified; at least one was made,
-- at the creation, also where another program did that. A verification time in the future, of a clock that was ahead, says
-- nothing.
UPDATE subscriptions SET
    id = ?2,
    sink = ?3,
    types = ?4,
    verified = iif(?5 OR (verified AND verified_at BETWEEN ?8 AND ?9), 1, 0),
    verified_at = iif(?5, iif(verified AND verified_at <= ?9, verified_at, ?9), verified_at),
    verification_method = ?6,
    mapping = ?7,
    attempts = iif(?5, 0, max(attempts, 1)),
    seen_at = ?9,
    missing_since = NULL
WHERE rowid = ?1;
