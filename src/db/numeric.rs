//! Numbers as the database has them.

use rust_decimal::Decimal;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueFormat, PgValueRef, Postgres};
use sqlx::{Decode, Type};

/// A `numeric` with its scale, that of a zero included, which the driver's own reading drops: texts show `0.0` where
/// the column keeps one place (04 §5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numeric(pub(super) Decimal);

impl Type<Postgres> for Numeric {
    fn type_info() -> PgTypeInfo {
        <Decimal as Type<Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <Decimal as Type<Postgres>>::compatible(ty)
    }
}

impl<'r> Decode<'r, Postgres> for Numeric {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Binary
            && let Some(scale) = scale_of_zero(value.as_bytes()?)
        {
            return Ok(Self(Decimal::try_new(0, scale).unwrap_or_default()));
        }
        <Decimal as Decode<Postgres>>::decode(value).map(Self)
    }
}

/// Four numbers of two bytes stand before the digits: how many digits, weight, sign, scale.
fn scale_of_zero(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [0, 0, _, _, 0, 0, high, low] => Some(u16::from_be_bytes([*high, *low]).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_keeps_its_scale() {
        assert_eq!(scale_of_zero(&[0, 0, 0, 0, 0, 0, 0, 4]), Some(4));
        assert_eq!(scale_of_zero(&[0, 0, 0, 0, 0, 0, 0, 0]), Some(0));
        // 1, and no number at all.
        assert_eq!(scale_of_zero(&[0, 1, 0, 0, 0, 0, 0, 0, 0, 1]), None);
        assert_eq!(scale_of_zero(&[0, 0, 0, 0, 0xC0, 0, 0, 0]), None);
    }
}
