//! Rounding of numbers as a column's `RoundingType` asks for (03 §9.10).

use rust_decimal::{Decimal, RoundingStrategy};

use super::enums::RoundingType;

/// Rounds `value` to `places` decimal places; an unknown rounding type acts like the default.
pub fn round(value: Decimal, rounding: RoundingType, places: u32) -> Decimal {
    let strategy = match rounding {
        RoundingType::AwayFromZero | RoundingType::Other(_) => {
            RoundingStrategy::MidpointAwayFromZero
        }
        RoundingType::Ceiling => RoundingStrategy::ToPositiveInfinity,
        RoundingType::Truncate => RoundingStrategy::ToZero,
        RoundingType::Floor => RoundingStrategy::ToNegativeInfinity,
        RoundingType::ToEven => RoundingStrategy::MidpointNearestEven,
    };
    value.round_dp_with_strategy(places, strategy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(text: &str, rounding: RoundingType, places: u32) -> String {
        round(text.parse().unwrap(), rounding, places).normalize().to_string()
    }

    #[test]
    fn the_default_rounds_halves_away_from_zero() {
        assert_eq!(rounded("1.5", RoundingType::default(), 0), "2");
        assert_eq!(rounded("-3.25", RoundingType::AwayFromZero, 1), "-3.3");
        assert_eq!(rounded("12.345", RoundingType::AwayFromZero, 0), "12");
    }

    #[test]
    fn each_type_has_its_own_direction() {
        for (rounding, up, down) in [
            (RoundingType::AwayFromZero, "0.3", "-0.3"),
            (RoundingType::Ceiling, "0.3", "-0.2"),
            (RoundingType::Truncate, "0.2", "-0.2"),
            (RoundingType::Floor, "0.2", "-0.3"),
            (RoundingType::ToEven, "0.2", "-0.2"),
        ] {
            assert_eq!(rounded("0.25", rounding, 1), up, "{rounding:?}");
            assert_eq!(rounded("-0.25", rounding, 1), down, "{rounding:?}");
        }
    }
}
