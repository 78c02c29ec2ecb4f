//! Why work on a resource ended before its end.
//!
//! In: errors of `api` and `store`, and findings of `sync` itself. Out: [`Halt`]. What it means for the exit code is
//! decided where the run is summed up.

use crate::api::ApiError;
use thiserror::Error;

/// Why it ended.
#[derive(Debug, Error)]
pub enum Halt {
    /// The service, or the way to it.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The database, or the machine.
    #[error(transparent)]
    Own(#[from] anyhow::Error),
    /// The service refuses to sort or filter by this.
    #[error("the service refuses to {0}")]
    Refused(&'static str),
    /// A wipe that is not believed.
    #[error("the service holds {remote} records where {local} are mirrored: {missing} would be deleted here")]
    MassDelete {
        /// Rows here.
        local: u64,
        /// Records there.
        remote: u64,
        /// Rows that would go.
        missing: u64,
    },
    /// The list never held still for long enough.
    #[error("{0}")]
    Restless(String),
    /// The reader of the pages went away first; its own error counts.
    #[error("nobody takes the pages any more")]
    Hangup,
}

impl Halt {
    /// Whether nothing more can be asked for the account.
    pub fn is_of_account(&self) -> bool {
        matches!(
            self,
            Self::Api(ApiError::Quota { .. } | ApiError::Stopped(_) | ApiError::Auth(_) | ApiError::Own(_))
                | Self::Own(_)
        )
    }

    /// Whether nothing more can be asked for the list: the token may not read any part of it.
    pub fn is_of_list(&self) -> bool {
        self.is_of_account() || matches!(self, Self::Api(ApiError::Scope(_)))
    }

    /// Whether the service refuses a sort or filter, by status (422; 400 in older answers) or by ignoring it.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Api(ApiError::Rejected { status: 400 | 422, .. } | ApiError::Ignored(_)) | Self::Refused(_)
        )
    }
}

/// Shorthand of this room.
pub type Result<T> = std::result::Result<T, Halt>;
