//! Where records belong: an account and a resource type.

use crate::resource::Resource;

/// Where a batch belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The local account.
    pub account_id: i64,
    /// The resource type.
    pub resource: &'a Resource,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {} {}", self.account_id, self.resource.name)
    }
}
