//! Which rows a caller may see at all: site, integrated sites, row permissions (05 §14, 06 §2.8).

use crate::db::records::RECORD;
use crate::db::sql::{Bind, Holder, Ident, Predicate, SiteSet};
use crate::domain::permissions::Scope;
use crate::model::Rights;

use super::Compiler;

/// The conditions that hold whatever the view says.
pub(super) fn conditions(compiler: &Compiler<'_>) -> Vec<Predicate> {
    let mut parts = Vec::new();
    if let Some(record) = compiler.record {
        parts.push(Predicate::Equal(id(compiler), Bind::Long(Some(record))));
    }
    if compiler.table.integrated_sites.is_empty() {
        let own = Bind::Long(Some(compiler.site.id.0));
        parts.push(Predicate::Equal(site_column(), own));
        parts.extend(granted(compiler));
    } else {
        parts.extend(integrated(compiler));
    }
    parts
}

/// Rows need permissions of their own where the site does not give the right; those only add (05 §14.2).
fn granted(compiler: &Compiler<'_>) -> Option<Predicate> {
    if compiler.access.can(compiler.needed, Scope::Site) {
        return None;
    }
    let missing = Rights(compiler.needed.0 & !compiler.access.site_bits().0);
    // The site's bits suffice and yet it is refused: a lock or the contract forbids it, which no row can lift.
    Some(if missing == Rights::NONE {
        Predicate::Any(Vec::new())
    } else {
        Predicate::Granted(id(compiler), missing, Box::new(holder(compiler)))
    })
}

/// Rows of all the sites that the settings list, each by its site's permissions or its own (05 §14.3).
fn integrated(compiler: &Compiler<'_>) -> Vec<Predicate> {
    let caller = compiler.reader.caller;
    let tenant = caller.tenant.id;
    let sites = SiteSet::integrated(
        tenant,
        compiler.table.kind,
        compiler.site.id,
        &compiler.table.integrated_sites,
    );
    let mut parts = vec![Predicate::InSites(site_column(), Box::new(sites))];
    if !compiler.access.is_privileged() {
        let needed = compiler.needed;
        parts.push(Predicate::Any(vec![
            Predicate::SiteGranted(site_column(), tenant, needed, Box::new(holder(compiler))),
            Predicate::Granted(id(compiler), needed, Box::new(holder(compiler))),
        ]));
    }
    parts
}

fn id(compiler: &Compiler<'_>) -> Ident {
    Ident::id_of(compiler.table.kind).of(&RECORD)
}

fn site_column() -> Ident {
    Ident::new("SiteId").of(&RECORD)
}

fn holder(compiler: &Compiler<'_>) -> Holder {
    Holder::from(compiler.reader.caller)
}
