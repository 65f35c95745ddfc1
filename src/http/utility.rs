//! `POST /api/utility/getlicenseinfo` (08 §14).

use crate::domain::{Call, Error};
use crate::lenient::Json;

use super::body::Body;
use super::wire::{self, Answer};

/// The version of the reference that this server answers like.
const VERSION: &str = "1.5.3.0";

/// The values of a community edition, for whoever is known; a part `sitevisualizer` of `AppTypes` asks for one more.
pub(super) async fn license_info(call: Call, body: Body) -> Result<Answer, Error> {
    let types = app_types(body.json());
    let visualizer = call.services.parameters.pleasanter_extensions.site_visualizer.disabled
        && types.split(',').any(|part| part.eq_ignore_ascii_case("sitevisualizer"));
    Ok(wire::data(None, |o| {
        o.field("CommercialLicense", &false).field("LicenseDeadline", "0001-01-01T00:00:00");
        o.field("Environment", &0_i64).field("Version", VERSION);
        if visualizer {
            o.object("SiteVisualizer", |o| {
                o.field("Disabled", &true);
            });
        }
    }))
}

/// A type that is no text counts as not given.
fn app_types<'a>(body: &'a Json<'_>) -> &'a str {
    body.member("AppTypes").and_then(Json::as_str).unwrap_or_default()
}
