//! The reference's own parameter files (`App_Data/Parameters/*.json`), read as it reads them (07 §5).
