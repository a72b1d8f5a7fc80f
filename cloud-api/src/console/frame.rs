//! The frame of every page: where one is, who one is, where one may go.

use crate::staff::{Action, Signed};
use crate::store::Realm;

/// A place in the navigation.
pub(super) struct Place {
    pub(super) title: &'static str,
    pub(super) href: String,
    pub(super) here: bool,
}

/// What `page.html` shows around a page.
pub(super) struct Frame {
    /// The town's name.
    pub(super) town: String,
    /// The realm, as in paths.
    pub(super) code: String,
    /// Who is logged in; empty if nobody is.
    pub(super) person: String,
    pub(super) csrf: String,
    pub(super) places: Vec<Place>,
    /// Whether htmx is served.
    pub(super) live: bool,
}

/// Every place, with the action that it needs.
const PLACES: &[(&str, &str, Action)] = &[
    ("申請", "", Action::ListApplications),
    ("聞き取り", "/interview", Action::Interview),
    ("連携", "/links", Action::HandOff),
    ("端末", "/kiosks", Action::SeeKiosks),
    ("職員", "/people", Action::ManageStaff),
    ("マスタ", "/masters", Action::ManageMasters),
    ("監査", "/trail", Action::ReadTrail),
];

impl Frame {
    /// Before anybody is logged in.
    pub(super) fn outside(town: &str, realm: &Realm) -> Self {
        Self {
            town: town.to_owned(),
            code: realm.to_string(),
            person: String::new(),
            csrf: String::new(),
            places: Vec::new(),
            live: false,
        }
    }

    /// For somebody who is logged in; `here` is the place's path below the realm.
    pub(super) fn inside(town: &str, signed: &Signed, here: &str, live: bool) -> Self {
        let rights = &signed.person.rights;
        let base = format!("/console/{}", signed.realm);
        Self {
            town: town.to_owned(),
            code: signed.realm.to_string(),
            person: signed.person.name.clone(),
            csrf: signed.csrf.clone(),
            places: PLACES
                .iter()
                .filter(|(_, _, action)| rights.may(*action) && signed.realm != Realm::Platform)
                .map(|(title, path, _)| Place {
                    title,
                    href: format!("{base}{path}"),
                    here: *path == here,
                })
                .collect(),
            live,
        }
    }
}
