//! Confirming deletions one by one: the service is asked for each row that may be gone.
//!
//! In: ids of rows that a list did not hold. Out: deleted what the service answers with 404, written anew what is there.

use super::halt::Result;
use super::resource_sync::ResourceSync;
use crate::record::Id;
use crate::store::gone::Gone;
use crate::store::mirror::{self, Written};
use crate::store::walk;

/// Up to so many are asked for one by one; where more are gone, a whole walk is cheaper.
pub(super) const MOST_CONFIRMED: usize = 50;

impl ResourceSync<'_> {
    /// Asks for each of these rows by its id. What was confirmed is committed at once.
    ///
    /// # Errors
    /// [`super::halt::Halt`].
    pub(super) fn confirm(&mut self, ids: &[Id]) -> Result<()> {
        for id in ids {
            let as_of = self.store.writes()?;
            let found = self.api.record(self.place.resource, id)?;
            let (written, deleted) = self.commit(|tx, place, now| {
                walk::met(tx, place, std::slice::from_ref(id))?;
                match found {
                    None => Ok((
                        Written::default(),
                        mirror::delete(tx, place, &Gone::answered(std::slice::from_ref(id), as_of), now)?,
                    )),
                    // The service's examples of single records have no stamps. It is there: that was the question.
                    Some(record) if record.created_at.is_none() && record.updated_at.is_none() => {
                        Ok(Default::default())
                    }
                    Some(record) => Ok((mirror::apply(tx, place, &[record], as_of, now)?, 0)),
                }
            })?;
            self.tally.written.add(written);
            self.tally.deleted += deleted;
        }
        Ok(())
    }

    /// The same, but where there are many a whole walk is begun, which finds out about all of them.
    ///
    /// # Errors
    /// [`super::halt::Halt`].
    pub(super) fn confirm_or_walk(&mut self, ids: &[Id]) -> Result<()> {
        if ids.len() > MOST_CONFIRMED { self.begin_walk() } else { self.confirm(ids) }
    }
}
