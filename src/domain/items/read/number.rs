//! Numbers as answers show them (05 §4.2, §4.8).

use rust_decimal::Decimal;

use crate::domain::settings::Column;
use crate::domain::settings::enums::RoundingType;

/// A number as its hash has it: rounded as the column asks, with as many places; the rounding types that only look one
/// way do not keep trailing zeros. An unset number is 0 unless the column may be empty.
pub(in crate::domain::items) fn in_hash(
    column: &Column,
    number: Option<Decimal>,
) -> Option<Decimal> {
    let Some(number) = number else { return (!column.nullable).then_some(Decimal::ZERO) };
    let mut rounded = column.round(number);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    Some(match column.rounding {
        RoundingType::Ceiling | RoundingType::Truncate | RoundingType::Floor => rounded.normalize(),
        _ => rounded,
    })
}

/// The remaining work, with all the places that the product has; none when either number is unset.
pub(in crate::domain::items) fn remaining(
    work: Option<Decimal>,
    progress: Option<Decimal>,
) -> Option<Decimal> {
    let (work, progress) = (work?, progress?);
    let percent = Decimal::new(1, 2);
    let done = work.checked_mul(progress)?.checked_mul(percent)?;
    let mut rest = work.checked_sub(done)?;
    rest.rescale(work.scale() + progress.scale() + percent.scale());
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remaining_work_keeps_the_places_of_the_product() {
        let rest = |work: &str, progress: &str| {
            remaining(work.parse().ok(), progress.parse().ok()).unwrap().to_string()
        };
        assert_eq!(rest("10.0000", "50.0"), "5.0000000");
        assert_eq!(rest("1234.5700", "66.7"), "411.1118100");
        assert_eq!(rest("0.0000", "0.0"), "0.0000000");
        assert_eq!(remaining(None, Some(Decimal::ONE)), None);
    }
}
