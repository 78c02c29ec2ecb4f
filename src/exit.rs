//! The exit codes that scripts and units rely on. Which error ends with which, and its words, are `report`'s.

/// How a run of ficsync ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: failed; the last line on stderr says what and what to do.
    Failed,
    /// 2: wrong usage.
    Usage,
    /// 75: stopped early, nothing lost, run again.
    Stopped,
    /// 77: credentials missing, invalid, expired or without the scope asked for.
    Denied,
    /// 78: settings invalid, or the database file is another program's.
    Settings,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Stopped => 75,
            Self::Denied => 77,
            Self::Settings => 78,
        }
    }

    /// Where parts of a run end differently, one code speaks for all: 1 goes before 77, 77 before 75, 75 before 0.
    pub fn worse(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }

    /// Its place in that order.
    pub fn rank(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Stopped => 1,
            Self::Denied => 2,
            Self::Settings => 3,
            Self::Usage => 4,
            Self::Failed => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_before_77_and_77_before_75() {
        use Exit::{Denied, Done, Failed, Stopped};
        for (a, b, worst) in
            [(Done, Stopped, Stopped), (Stopped, Denied, Denied), (Denied, Failed, Failed), (Done, Done, Done)]
        {
            assert_eq!(a.worse(b), worst);
            assert_eq!(b.worse(a), worst);
        }
    }
}
