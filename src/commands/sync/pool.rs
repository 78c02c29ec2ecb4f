//! Threads that take things from one queue, each with a state of its own.
//!
//! In: states, a queue, the work. Out: a result for each thing, in the order of the queue. What fails, or panics, fails
//! alone: the thread goes on with the next. Knows nothing of accounts.

use anyhow::{Result, anyhow};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is done with each thing of a queue.
pub trait Work<S, T>: Sync {
    /// What it comes to.
    type Result: Send;

    /// Does it.
    ///
    /// # Errors
    /// What ended it early; [`Work::failed`] makes a result of that.
    fn run(&self, state: &mut S, thing: &T) -> Result<Self::Result>;

    /// The result of work that ended with an error, or a panic.
    fn failed(&self, state: &mut S, thing: &T, error: anyhow::Error) -> Self::Result;
}

/// Works a queue off, as many things at a time as there are states. Where a thread cannot be had, fewer.
pub fn run<S: Send, T: Sync, W: Work<S, T>>(states: Vec<S>, queue: &[T], work: &W) -> Vec<W::Result> {
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        Some((at, queue.get(at)?))
    };
    let work_off = |mut state: S| {
        let mut results = Vec::new();
        while let Some((at, thing)) = take() {
            results.push((at, one(&mut state, thing, work)));
        }
        results
    };
    let mut states = states.into_iter();
    let own = states.next();
    let mut results = std::thread::scope(|scope| {
        let begin = |(number, state): (usize, S)| {
            let thread = std::thread::Builder::new().name(format!("job-{}", number + 2));
            let begun = thread.spawn_scoped(scope, move || work_off(state));
            begun.map_err(|error| log::warn!("fewer accounts at a time than asked for: no thread ({error})")).ok()
        };
        let others: Vec<_> = states.enumerate().filter_map(begin).collect();
        let mut results = own.map(&work_off).unwrap_or_default();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// A panic leaves nothing half done: what was begun is in a transaction that was not committed.
fn one<S, T, W: Work<S, T>>(state: &mut S, thing: &T, work: &W) -> W::Result {
    let error = match catch_unwind(AssertUnwindSafe(|| work.run(state, thing))) {
        Ok(Ok(result)) => return result,
        Ok(Err(error)) => error,
        Err(panic) => anyhow!("a mistake in ficsync: {}", words(&*panic)),
    };
    work.failed(state, thing, error)
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it panicked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    /// Counts what a state did; some numbers fail.
    struct Count;

    impl Work<Vec<u32>, u32> for Count {
        type Result = Result<u32, String>;

        fn run(&self, state: &mut Vec<u32>, thing: &u32) -> Result<Self::Result> {
            state.push(*thing);
            match thing {
                3 => panic!("three is too many"),
                5 => Err(anyhow!("five fails")),
                n => Ok(Ok(*n)),
            }
        }

        fn failed(&self, state: &mut Vec<u32>, thing: &u32, error: anyhow::Error) -> Self::Result {
            assert_eq!(state.last(), Some(thing), "the state is that of its thread");
            Err(error.to_string())
        }
    }

    #[test]
    fn what_panics_or_fails_does_so_alone() {
        for states in [1, 2, 7, 20] {
            let queue: Vec<u32> = (1..=12).collect();
            let results = run(vec![Vec::new(); states], &queue, &Count);
            assert_eq!(results.len(), 12);
            for (thing, result) in queue.iter().zip(results) {
                match thing {
                    3 => assert_eq!(result, Err("a mistake in ficsync: three is too many".to_owned())),
                    5 => assert_eq!(result, Err("five fails".to_owned())),
                    n => assert_eq!(result, Ok(*n), "in the order of the queue"),
                }
            }
        }
    }

    /// Each waits for the others: with fewer at a time it would never end.
    struct Together(Barrier);

    impl Work<(), ()> for Together {
        type Result = ();

        fn run(&self, (): &mut (), (): &()) -> Result<()> {
            self.0.wait();
            Ok(())
        }

        fn failed(&self, (): &mut (), (): &(), _: anyhow::Error) {}
    }

    #[test]
    fn as_many_are_at_work_as_there_are_places() {
        assert_eq!(run(vec![(); 4], &[(); 8], &Together(Barrier::new(4))).len(), 8);
    }
}
