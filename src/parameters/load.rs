//! From a folder to [`Parameters`].

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::environment::{self, Lookup};
use super::members::{Members, Object};
use super::{Parameters, Problem, Role, files};
use crate::lenient::{self, Json};

impl Parameters {
    /// Reads the folder, or takes everything as shipped without one, then the environment. Either every parameter
    /// is fine or every problem is listed.
    pub fn load(dir: Option<&Path>) -> Result<Self, Vec<Problem>> {
        Self::load_with(dir, &environment::of_process)
    }

    fn load_with(dir: Option<&Path>, lookup: Lookup<'_>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let dir = dir.and_then(|dir| effective_dir(dir, &mut problems));
        let mut reader = Reader { dir, problems };
        let mut parameters = reader.read();
        let mut problems = reader.problems;
        environment::fill(&mut parameters, lookup);
        parameters.check(&mut problems);
        if problems.is_empty() { Ok(parameters) } else { Err(problems) }
    }

    /// What no single member can tell.
    fn check(&self, problems: &mut Vec<Problem>) {
        if !self.rds.dbms.eq_ignore_ascii_case("PostgreSQL") {
            problems.push(Problem::at("Rds.json", "Dbms", "only PostgreSQL is supported"));
        }
        if self.service.name.is_empty() {
            problems.push(Problem::at("Service.json", "Name", "is empty"));
        }
        for role in Role::ALL {
            // An empty one matters only to whoever needs it.
            if !self.connection_text(role).is_empty()
                && let Err(problem) = self.connection(role)
            {
                problems.push(problem);
            }
        }
    }
}

/// The folder itself, or the one that its `Env.json` names.
fn effective_dir(dir: &Path, problems: &mut Vec<Problem>) -> Option<PathBuf> {
    if !dir.is_dir() {
        problems.push(Problem::in_file(dir.display().to_string(), "is not a folder"));
        return None;
    }
    let Some(text) = read_text(dir, "Env.json", problems) else { return Some(dir.to_owned()) };
    let env = parse("Env.json", &text, problems)?;
    let named: Option<String> =
        Members::new("Env.json", &env, problems).take::<Option<String>>("ParametersPath").flatten();
    let Some(named) = named.filter(|path| !path.is_empty()) else { return Some(dir.to_owned()) };
    let target = dir.join(named);
    if !target.is_dir() {
        problems.push(Problem::at("Env.json", "ParametersPath", "is not a folder"));
        return None;
    }
    Some(target)
}

/// The text of a file; nothing when there is no such file, or when it cannot be read, which is reported.
fn read_text(dir: &Path, file: &str, problems: &mut Vec<Problem>) -> Option<String> {
    match std::fs::read(dir.join(file)) {
        Ok(bytes) => Some(lenient::decode(&bytes).into_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            problems.push(Problem::in_file(file, error.to_string()));
            None
        }
    }
}

/// The object that a file holds.
fn parse<'a>(file: &str, text: &'a str, problems: &mut Vec<Problem>) -> Option<Json<'a>> {
    match lenient::parse(text) {
        Ok(json @ Json::Object(_)) => Some(json),
        Ok(_) => {
            problems.push(Problem::in_file(file, "does not hold an object"));
            None
        }
        Err(error) => {
            problems.push(Problem::in_file(file, error.to_string()));
            None
        }
    }
}

struct Reader {
    dir: Option<PathBuf>,
    problems: Vec<Problem>,
}

impl Reader {
    fn read(&mut self) -> Parameters {
        Parameters {
            api: self.file("Api.json", files::Api::shipped),
            authentication: self.file("Authentication.json", files::Authentication::shipped),
            background_task: self.file("BackgroundTask.json", files::BackgroundTask::shipped),
            binary_storage: self.file("BinaryStorage.json", files::BinaryStorage::shipped),
            deleted: self.file("Deleted.json", files::Deleted::shipped),
            general: self.file("General.json", files::General::shipped),
            history: self.file("History.json", files::History::shipped),
            kvs: self.file("Kvs.json", files::Kvs::shipped),
            mail: self.file("Mail.json", files::Mail::shipped),
            mcp_server: self.file("McpServer.json", files::McpServer::shipped),
            notification: self.file("Notification.json", files::Notification::shipped),
            parameter: self.file("Parameter.json", files::Parameter::shipped),
            permissions: self.file("Permissions.json", files::Permissions::shipped),
            pleasanter_extensions: self
                .file("PleasanterExtensions.json", files::PleasanterExtensions::shipped),
            rds: self.file("Rds.json", files::Rds::shipped),
            script: self.file("Script.json", files::Script::shipped),
            search: self.file("Search.json", files::Search::shipped),
            security: self.file("Security.json", files::Security::shipped),
            service: self.file("Service.json", files::Service::shipped),
            session: self.file("Session.json", files::Session::shipped),
            site_package: self.file("SitePackage.json", files::SitePackage::shipped),
            sys_log: self.file("SysLog.json", files::SysLog::shipped),
            user: self.file("User.json", files::User::shipped),
            validation: self.file("Validation.json", files::Validation::shipped),
            dir: self.dir.clone(),
        }
    }

    /// One file, or what is shipped when it is missing or broken; a broken one is reported.
    fn file<T: Object>(&mut self, name: &str, shipped: fn() -> T) -> T {
        let problems = &mut self.problems;
        let Some(text) = self.dir.as_deref().and_then(|dir| read_text(dir, name, problems)) else {
            return shipped();
        };
        match parse(name, &text, problems) {
            Some(json) => T::read_members(&mut Members::new(name, &json, problems)),
            None => shipped(),
        }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
