//! Scripted and random faults. In: which request, which fault. Out: the fault that a request meets, if any.
//! Does not carry them out: `route.rs` shapes answers, `list.rs` lies, `http.rs` mistreats bytes.

use fastrand::Rng;

/// Something that goes wrong with one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// An error status, with `Retry-After` and body where given.
    Status {
        /// The status.
        code: u16,
        /// Seconds for `Retry-After`.
        retry_after: Option<u32>,
        /// The body; an error in the service's shape where none is given.
        body: Option<String>,
    },
    /// 502 with a page of HTML.
    Html502,
    /// 200 with half of the JSON.
    InvalidJson,
    /// The body ends before its `Content-Length`.
    CutBody,
    /// The connection is reset before any byte of an answer.
    Reset,
    /// Silence for seconds, then the answer.
    Hang(u64),
    /// 64 bytes at a time, with so many milliseconds between.
    Drip(u64),
    /// A page says `total` 0 and holds nothing; a whole list is empty.
    EmptyPage,
    /// A page or whole list lacks its last n rows; a page's `total` says otherwise.
    ShortPage(usize),
    /// The last row of a page or whole list is its first once more.
    RepeatedRow,
    /// A page ignores `sort`.
    Unsorted,
    /// A page ignores `q`.
    FilterIgnored,
    /// The first row of a page or whole list has no `id`.
    NoId,
    /// A page's `total` is null.
    NullTotal,
    /// 302 to this address instead of an answer, as a download may lead elsewhere.
    Redirect(String),
    /// The body is filled up to so many bytes.
    Padded(usize),
}

impl Fault {
    /// A bare error status.
    pub fn status(code: u16) -> Fault {
        Fault::Status { code, retry_after: None, body: None }
    }

    /// An error status with `Retry-After`.
    pub fn retry(code: u16, seconds: u32) -> Fault {
        Fault::Status { code, retry_after: Some(seconds), body: None }
    }
}

#[derive(Debug)]
struct Pending {
    text: String,
    left: usize,
    fault: Fault,
}

/// Faults that wait for their request.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Vec<Pending>,
    random: Option<(f64, Rng)>,
}

impl Faults {
    /// The n-th request (from 1) whose line contains the text meets the fault.
    pub(crate) fn add(&mut self, text: &str, nth: usize, fault: Fault) {
        self.pending.push(Pending { text: text.to_owned(), left: nth.max(1), fault });
    }

    pub(crate) fn randomly(&mut self, rate: f64, seed: u64) {
        self.random = Some((rate, Rng::with_seed(seed)));
    }

    pub(crate) fn clear(&mut self) {
        *self = Faults::default();
    }

    /// How many scripted faults still wait.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// The fault of a request, given as `GET /path?decoded query`. Scripted ones go first, in their order; one
    /// request meets one fault, a second that is due waits for the next.
    pub(crate) fn draw(&mut self, line: &str) -> Option<Fault> {
        let mut due = None;
        for (place, pending) in self.pending.iter_mut().enumerate() {
            if !line.contains(&pending.text) {
                continue;
            }
            if pending.left > 1 {
                pending.left -= 1;
            } else if due.is_none() {
                due = Some(place);
            }
        }
        match due {
            Some(place) => Some(self.pending.remove(place).fault),
            None => self.draw_random(),
        }
    }

    fn draw_random(&mut self) -> Option<Fault> {
        let (rate, rng) = self.random.as_mut()?;
        (rng.f64() < *rate).then(|| match rng.u8(..6) {
            0 => Fault::status(500),
            1 => Fault::status(503),
            2 => Fault::Html502,
            3 => Fault::InvalidJson,
            4 => Fault::CutBody,
            _ => Fault::Reset,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripted_faults_meet_their_request() {
        let mut faults = Faults::default();
        faults.add("", 1, Fault::Reset);
        faults.add("", 1, Fault::CutBody);
        faults.add("type=invoice", 2, Fault::Html502);
        assert_eq!(faults.draw("GET /c/1/issued_documents?type=invoice"), Some(Fault::Reset));
        assert_eq!(faults.draw("GET /c/1/entities/clients?"), Some(Fault::CutBody));
        assert_eq!(faults.draw("GET /c/1/entities/clients?"), None);
        assert_eq!(faults.draw("GET /c/1/issued_documents?type=invoice"), Some(Fault::Html502));
        assert_eq!(faults.draw("GET /c/1/issued_documents?type=invoice"), None);
        assert_eq!(faults.waiting(), 0);
    }

    #[test]
    fn random_faults_follow_their_seed_and_rate() {
        let run = |seed| {
            let mut faults = Faults::default();
            faults.randomly(0.25, seed);
            (0..1000).map(|_| faults.draw("GET /")).collect::<Vec<_>>()
        };
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
        assert!((150..350).contains(&run(3).iter().flatten().count()));
    }
}
