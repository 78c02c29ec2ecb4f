//! Lasting peculiarities that the service may or may not have: documented in two ways, or not at all. Tests
//! switch them on to show that ficsync holds either way.

/// A peculiarity that lasts until `clear_quirks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// Sorting a list (`invoices`, …) by this field is answered 422; not counted as the client's mistake.
    RefuseSort(&'static str, &'static str),
    /// Filtering a list by this field is answered 422; not counted as the client's mistake.
    RefuseFilter(&'static str, &'static str),
    /// Pages never hold more records than this, whatever `per_page` asks for.
    PerPageCap(u32),
    /// `per_page` below this is answered 422, as one integrator saw with 5; not counted as the client's mistake.
    PerPageAtLeast(u32),
    /// Download addresses stay the same, instead of a new ticket at each answer.
    StableUrls,
    /// The keys of objects come in another order at each answer.
    VolatileKeyOrder,
    /// `items_list` and `payments_list` are null in lists, also with `fieldset=detailed`.
    NullLists,
    /// Detailed lists of documents come without `created_at` and `updated_at`.
    NoStampsInLists,
    /// The records of a list come without `id`, in lists and alone, as the vendor's examples of the cashbook and of
    /// pending documents do.
    WithoutId(&'static str),
    /// A list demands a scope (without `:r`) that the description does not name: `("emails", "emails")`.
    NeedsScope(&'static str, &'static str),
    /// Objects with keys of their own (items of price lists, numerations) are `[]` when empty, as PHP writes them.
    EmptyObjectsAsLists,
    /// Download addresses die after so many seconds instead of an hour.
    LinksLive(i64),
    /// Single records of clients and suppliers come without `id`, `created_at` and `updated_at`.
    BareSingles,
    /// The `…_url` values of a page are whole URLs instead of `page=2`.
    WholeUrls,
    /// Nulls come first in descending order and last in ascending order.
    NullsTurned,
    /// Tied records keep one order (by id) instead of a new one at each request.
    KeepTies,
    /// PKCE is passed over: no challenge is kept, no secret asked for.
    NoPkce,
    /// The person at `/oauth/authorize` refuses.
    DenyConsent,
    /// Answers carry no `RateLimit-…` headers.
    NoRateHeaders,
    /// `populate` and `create` leave `updated_at` null in every n-th record.
    NullUpdatedAt(u32),
    /// Structured notifications say `application/json`.
    JsonContentType,
    /// `warnings` of a new subscription are one text instead of a list.
    WarningsAsText,
    /// Every notification is sent twice.
    Twins,
    /// Notifications waiting together are sent in random order.
    Disorder,
    /// Every n-th notification is lost on the way.
    Loss(u32),
}
