//! Rounding to cents, as SQLite's `round(x, 2)` does it, so that what is worked out here agrees with queries
//! (tests/answers/rounding.rs compares both).

/// The nearest amount of whole cents, by the exact value of `x`; exactly half a cent is rounded away from zero.
pub fn cents(x: f64) -> f64 {
    // Only multiples of an eighth can lie exactly between two cents: all other ties are no binary fractions.
    let eighths = x * 8.0;
    if eighths.fract() == 0.0 && eighths.abs() < 1e15 {
        return (x * 100.0).round() / 100.0;
    }
    format!("{x:.2}").parse().unwrap_or(x)
}

/// Whether a sum of amounts is nothing. Amounts that cancel each other leave some billionths: 0.1 + 0.2 - 0.3 is 5.6e-17,
/// and a share of that would be astronomical.
pub(crate) fn is_nothing(sum: f64) -> bool {
    sum.abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero_and_the_exact_value_counts() {
        for (x, expected) in [
            (0.125, 0.13),
            (-0.125, -0.13),
            (2.375, 2.38),
            (0.375, 0.38),
            // 1.115 is 1.11499999999999999, 1.005 is 1.00499999999999989, 2.675 is 2.67499999999999982
            (1.115, 1.11),
            (1.005, 1.0),
            (2.675, 2.67),
            (0.285, 0.28),
            (1.255, 1.25),
            (68.18, 68.18),
            (-0.004, 0.0),
            (1e20, 1e20),
        ] {
            assert_eq!(cents(x), expected, "{x}");
        }
    }
}
