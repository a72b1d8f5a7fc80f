//! The frame of every page: where one is, who one is, where one may go, and its language.

use std::fmt::Display;

use cloud_store::{Notice, NoticeKind, Permission, Realm};

use super::switch::escaped;
use super::words;
use crate::cloud::Shared;
use crate::language::Language;
use crate::staff::{Clerk, Signed};

/// A link of the navigation.
pub(super) struct NavItem {
    pub(super) title: &'static str,
    pub(super) href: String,
    pub(super) here: bool,
}

/// What the platform's own realm is called, where a town has its name.
pub(super) const OPERATIONS: &str = "サービス運用";

/// What `page.html` shows around a page.
pub(super) struct Frame {
    pub(super) language: Language,
    /// The page's address, to come back to in the other language.
    address: String,
    /// The town's name.
    pub(super) town: String,
    /// The realm, as in paths.
    pub(super) code: String,
    /// Who is logged in; empty if nobody is.
    pub(super) person: String,
    pub(super) csrf: String,
    pub(super) nav: Vec<NavItem>,
    /// Whether htmx is served.
    pub(super) live: bool,
    /// What was changed about the person's account, until they have read of it.
    pub(super) notice: Option<String>,
}

/// Every link, with the permission that it needs.
const NAV: &[(&str, &str, Permission)] = &[
    ("申請", "", Permission::ListApplications),
    ("聞き取り", "/interview", Permission::Interview),
    ("連携", "/links", Permission::HandOff),
    ("端末", "/kiosks", Permission::SeeKiosks),
    ("職員", "/people", Permission::ManageStaff),
    ("マスタ", "/masters", Permission::ManageMasters),
    ("監査", "/trail", Permission::ReadTrail),
];

impl Frame {
    /// Before anybody is logged in.
    pub(super) fn outside(town: &str, realm: &Realm, language: Language, address: &str) -> Self {
        Self {
            language,
            address: address.to_owned(),
            town: named(town, realm, language),
            code: realm.to_string(),
            person: String::new(),
            csrf: String::new(),
            nav: Vec::new(),
            live: false,
            notice: None,
        }
    }

    /// For somebody who is logged in; `here` is the link's path below the realm. The answer to a form cannot be asked for
    /// again; in the other language its page is shown instead.
    pub(super) fn inside(town: &str, signed: &Signed, here: &str, live: bool) -> Self {
        let base = format!("/console/{}", signed.realm);
        Self {
            language: signed.language,
            address: match signed.address.as_str() {
                "" => format!("{base}{here}"),
                asked => asked.to_owned(),
            },
            town: named(town, &signed.realm, signed.language),
            code: signed.realm.to_string(),
            person: signed.person.name.clone(),
            csrf: signed.csrf.clone(),
            nav: NAV
                .iter()
                .filter(|(_, _, permission)| {
                    signed.person.may(*permission) && signed.realm != Realm::Platform
                })
                .map(|(title, path, _)| NavItem {
                    title,
                    href: format!("{base}{path}"),
                    here: *path == here,
                })
                .collect(),
            live,
            notice: signed
                .person
                .notice
                .filter(|_| signed.realm != Realm::Platform)
                .map(|notice| noticed(notice, signed.language)),
        }
    }

    /// See [`Language::say`].
    pub(super) fn say<'a>(&self, japanese: &'a str) -> &'a str {
        self.language.say(japanese)
    }

    /// See [`Language::fill`].
    pub(super) fn fill(&self, japanese: &str, values: &[&dyn Display]) -> String {
        self.language.fill(japanese, values)
    }

    /// The address that changes to the other language.
    pub(super) fn switch(&self) -> String {
        let tag = self.language.other().tag();
        format!("/console/language/{tag}?back={}", escaped(&self.address))
    }
}

fn noticed(notice: Notice, language: Language) -> String {
    let text = match notice.kind {
        NoticeKind::Password => "{}にパスワードが変更されました。",
        NoticeKind::Enrolled => "{}にパスワードと認証アプリが登録されました。",
        NoticeKind::Rights => "{}に氏名または権限が変更されました。",
    };
    language.fill(text, &[&words::time(language, notice.at)])
}

/// A town's name is its own in every language.
fn named(town: &str, realm: &Realm, language: Language) -> String {
    match realm {
        Realm::Platform => language.say(town).to_owned(),
        _ => town.to_owned(),
    }
}

/// For a page of the clerk's town.
pub(super) fn frame(cloud: &Shared, clerk: &Clerk, here: &str) -> Frame {
    Frame::inside(
        &clerk.tenant.name,
        clerk,
        here,
        cloud.console.htmx.is_some(),
    )
}
