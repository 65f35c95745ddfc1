//! What a caller may do on a site and its records (06 §2). Pure: every row that matters came with the call.

use crate::model::{Rights, Target};

use super::Error;

/// The decision's ground: the caller's rights on the addressed site and item, and the table's lock.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    site: Option<Rights>,
    item: Option<Rights>,
    privileged: bool,
    table_locked: bool,
    forbidden_by_contract: Rights,
}

/// Whether the rows of the addressed item count beside those of its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The site's rows only: whole-table operations.
    Site,
    /// Those of the item too; they only add.
    Item,
}

impl Access {
    /// Of a caller on what was addressed.
    ///
    /// While a table is locked, rights shrink to read, export and mail, privileged callers excepted (06 §2.4).
    pub fn new(target: &Target, privileged: bool, forbidden_by_contract: Rights) -> Self {
        let table_locked = target.site.lock.is_some();
        let masked = |rights: Option<Rights>| {
            rights.map(|rights| if table_locked { rights & Rights::WHILE_LOCKED } else { rights })
        };
        Self {
            site: masked(target.site_rights),
            item: masked(target.item_rights),
            privileged,
            table_locked,
            forbidden_by_contract,
        }
    }

    /// Of a caller who has those rights on a site that was not addressed itself.
    pub const fn of_site(rights: Rights, privileged: bool) -> Self {
        Self {
            site: Some(rights),
            item: None,
            privileged,
            table_locked: false,
            forbidden_by_contract: Rights::NONE,
        }
    }

    /// Whether the caller has every one of the rights. Locks win over privilege (06 §2.4).
    pub fn can(&self, needed: Rights, scope: Scope) -> bool {
        if self.table_locked
            && needed.intersects(Rights::UPDATE | Rights::DELETE | Rights::CREATE | Rights::IMPORT)
        {
            return false;
        }
        if needed.intersects(self.forbidden_by_contract) {
            return false;
        }
        self.privileged || self.bits(scope).contains(needed)
    }

    /// As [`Access::can`], refusing with what the caller may know: 404 without the right to read, else 403 (06 R1).
    pub fn check(&self, needed: Rights) -> Result<(), Error> {
        if self.can(needed, Scope::Item) { Ok(()) } else { Err(self.refusal()) }
    }

    /// What a refused caller is told: 404 without the right to read, else 403 (06 R1).
    pub fn refusal(&self) -> Error {
        if self.can(Rights::READ, Scope::Item) { Error::HasNotPermission } else { Error::NotFound }
    }

    /// Whether any permission row matches the caller, be it one without bits (06 §2.4).
    pub const fn has_any(&self) -> bool {
        self.site.is_some() || self.item.is_some() || self.privileged
    }

    /// The site's rights alone, on which column access controls look (06 §2.6).
    pub fn site_bits(&self) -> Rights {
        self.site.unwrap_or_default()
    }

    /// Whether the caller is privileged.
    pub const fn is_privileged(&self) -> bool {
        self.privileged
    }

    fn bits(&self, scope: Scope) -> Rights {
        let site = self.site.unwrap_or_default();
        match scope {
            Scope::Site => site,
            Scope::Item => site | self.item.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINGLE: [Rights; 9] = [
        Rights::READ,
        Rights::CREATE,
        Rights::UPDATE,
        Rights::DELETE,
        Rights::SEND_MAIL,
        Rights::EXPORT,
        Rights::IMPORT,
        Rights::MANAGE_SITE,
        Rights::MANAGE_PERMISSION,
    ];

    fn access(site: Option<i64>, item: Option<i64>) -> Access {
        Access {
            site: site.map(Rights),
            item: item.map(Rights),
            privileged: false,
            table_locked: false,
            forbidden_by_contract: Rights::NONE,
        }
    }

    #[test]
    fn each_bit_allows_itself_and_nothing_else() {
        for has in SINGLE {
            for needs in SINGLE {
                assert_eq!(
                    access(Some(has.0), None).can(needs, Scope::Item),
                    has == needs,
                    "{has:?} {needs:?}"
                );
            }
        }
    }

    #[test]
    fn every_set_of_bits_allows_exactly_its_members() {
        for bits in 0..512_i64 {
            for needs in SINGLE {
                assert_eq!(access(Some(bits), None).can(needs, Scope::Site), bits & needs.0 != 0);
            }
        }
    }

    #[test]
    fn rows_of_a_record_only_add() {
        for needs in SINGLE {
            assert!(access(Some(needs.0), Some(0)).can(needs, Scope::Item));
            assert!(access(None, Some(needs.0)).can(needs, Scope::Item));
            assert!(!access(None, Some(needs.0)).can(needs, Scope::Site), "the site's rows only");
        }
    }

    #[test]
    fn a_row_without_bits_is_a_permission_nevertheless() {
        assert!(access(Some(0), None).has_any());
        assert!(!access(None, None).has_any());
    }

    #[test]
    fn locks_win_over_privilege_and_contracts_over_both() {
        let locked = Access { privileged: true, table_locked: true, ..access(None, None) };
        for needs in [Rights::CREATE, Rights::UPDATE, Rights::DELETE, Rights::IMPORT] {
            assert!(!locked.can(needs, Scope::Item));
        }
        assert!(locked.can(Rights::MANAGE_SITE, Scope::Item), "only for the privileged");
        let contract = Access { forbidden_by_contract: Rights::EXPORT, ..access(Some(511), None) };
        assert!(!contract.can(Rights::EXPORT, Scope::Item));
        assert!(contract.can(Rights::READ, Scope::Item));
    }

    #[test]
    fn who_may_not_read_does_not_learn_that_it_is_there() {
        assert!(matches!(access(None, None).check(Rights::UPDATE), Err(Error::NotFound)));
        assert!(matches!(
            access(Some(1), None).check(Rights::UPDATE),
            Err(Error::HasNotPermission)
        ));
        assert!(access(Some(1), Some(4)).check(Rights::UPDATE).is_ok());
    }
}
