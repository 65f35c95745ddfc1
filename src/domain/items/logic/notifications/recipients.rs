//! To whom the mail of a notification goes (08 §16.2).

use crate::db;
use crate::db::people::Addressed;
use crate::domain::mails::{self, Mailbox};
use crate::domain::settings::Subject;
use crate::domain::settings::document::Notification;
use crate::domain::{Call, Error, display};

use super::super::placeholders::{self, Part};
use super::super::values;
use super::Event;

/// Finds addresses.
pub(super) struct Recipients<'a> {
    pub call: &'a Call,
    /// None for a bulk operation: then no column stands for anybody.
    pub event: Option<&'a Event<'a>>,
    /// Whether `[Creator]` is the caller: in a site's own notification of a new record.
    pub creates: bool,
}

impl Recipients<'_> {
    /// To, Cc and Bcc. Invalid and external addresses are dropped.
    pub(super) async fn of(&self, notification: &Notification) -> Result<[String; 3], Error> {
        let fields = [&notification.address, &notification.cc_address, &notification.bcc_address];
        let mut lists = [const { String::new() }; 3];
        for (list, field) in lists.iter_mut().zip(fields) {
            *list = self.list(field).await?;
        }
        Ok(lists)
    }

    async fn list(&self, field: &str) -> Result<String, Error> {
        let mut who = Addressed::default();
        let mut text = String::new();
        for part in placeholders::parts(field) {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Bracket(name) => {
                    if let Some(plain) = self.named(name, &mut who) {
                        text.push_str(&plain);
                    }
                }
            }
        }
        let domains = &self.call.services.parameters.mail.internal_domains;
        let usable = |text: &str| {
            let mailbox = Mailbox::parse(text).filter(Mailbox::is_valid)?;
            mails::is_internal(domains, &mailbox.address).then(|| mailbox.to_string())
        };
        let mut list: Vec<String> = Vec::new();
        let found = if who.is_empty() { Vec::new() } else { self.look_up(&who).await? };
        let found = found.iter().map(String::as_str);
        for address in mails::split(&text).chain(found).filter_map(|one| usable(one.trim())) {
            if !list.contains(&address) {
                list.push(address);
            }
        }
        Ok(list.join(","))
    }

    async fn look_up(&self, who: &Addressed) -> Result<Vec<String>, Error> {
        let mut conn = self.call.services.db.acquire().await.map_err(db::Error::from)?;
        Ok(db::people::addresses(&mut conn, self.call.caller.tenant.id, who).await?)
    }

    /// What a bracket means: people, by `[User1]`, `[Dept1]`, `[Group1]` or a column, or the text of a column.
    fn named(&self, name: &str, who: &mut Addressed) -> Option<String> {
        for (prefix, ids) in
            [("User", &mut who.users), ("Dept", &mut who.depts), ("Group", &mut who.groups)]
        {
            if let Some(id) = name.strip_prefix(prefix).and_then(|id| id.parse::<i32>().ok()) {
                ids.push(id);
                return None;
            }
        }
        let event = self.event?;
        let own = self.call.caller.user.0;
        if name == "Updator" || (name == "Creator" && self.creates) {
            who.users.push(own);
            return None;
        }
        let record = event.record;
        if name == "RelatedUsers" {
            who.related = Some((record.kind(), record.id()));
            return None;
        }
        let column = record.table().column(name)?;
        let value = values::current(record, name)?;
        if display::is_user(name) {
            who.users.extend(i32::try_from(value.int()));
            return None;
        }
        let ids = match column.subject {
            Subject::User => &mut who.users,
            Subject::Dept => &mut who.depts,
            Subject::Group => &mut who.groups,
            Subject::None => return Some(value.text().to_owned()),
        };
        ids.extend(
            display::values(column, value.text())
                .iter()
                .filter_map(|id| id.trim().parse::<i32>().ok()),
        );
        None
    }
}
