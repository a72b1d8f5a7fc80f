//! The administrator's page: people, what they may do, and machine clients.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Permission, Person, Rights, Role, Scope};
use kiosk_api::{Problem, ProblemCode};
use serde_json::json;

use super::answers::{FormRefusals, NoTown, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::labels::Label;
use crate::refusal::Refusal;
use crate::staff::{Away, Bearer, Clerk, ENROLMENT_LIFE, EnrolError, Posted, SecondFactor};

/// A form of names and values, some of them given more than once.
pub(super) type Fields = Vec<(String, String)>;

/// Roles that a town's administrator gives; the platform's are the platform's.
const TOWN_ROLES: [Role; 6] = [
    Role::Clerk,
    Role::Supervisor,
    Role::CatalogueEditor,
    Role::Auditor,
    Role::FleetManager,
    Role::TenantAdmin,
];

pub(super) fn one<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .iter()
        .find(|(own, _)| own == name)
        .map_or("", |(_, value)| value.trim())
}

fn all<T: Ord>(fields: &Fields, name: &str, from: impl Fn(&str) -> Option<T>) -> BTreeSet<T> {
    fields
        .iter()
        .filter(|(own, _)| own == name)
        .filter_map(|(_, value)| from(value))
        .collect()
}

fn town_role(word: &str) -> Option<Role> {
    Role::from_word(word).filter(|role| TOWN_ROLES.contains(role))
}

struct PersonLine {
    id: String,
    login: String,
    name: String,
    roles: Vec<&'static str>,
    granted: Vec<&'static str>,
    withheld: Vec<&'static str>,
    state: &'static str,
    state_class: &'static str,
}

impl PersonLine {
    fn new(person: &Person, now: jiff::Timestamp) -> Self {
        let (state, state_class) = match person {
            person if person.left_at.is_some() => ("退職・異動", "done"),
            person if person.locked_until.is_some_and(|until| until > now) => {
                ("▲ ロック中", "attention")
            }
            person if !person.enrolled => ("招待中", "returned"),
            _ => ("● 利用中", "good"),
        };
        let rights = &person.rights;
        let actions =
            |set: &BTreeSet<Permission>| set.iter().map(|action| action.japanese()).collect();
        Self {
            id: person.id.clone(),
            login: person.login.clone(),
            name: person.name.clone(),
            roles: rights.roles.iter().map(|role| role.japanese()).collect(),
            granted: actions(&rights.granted),
            withheld: actions(&rights.withheld),
            state,
            state_class,
        }
    }
}

struct ClientLine {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    since: String,
    revoked: bool,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    problem: Option<String>,
    people: Vec<PersonLine>,
    roles: Vec<(&'static str, &'static str)>,
    may_clients: bool,
    clients: Vec<ClientLine>,
    scopes: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "handed.html")]
pub(super) struct HandedPage {
    pub(super) frame: Frame,
    pub(super) title: &'static str,
    pub(super) text: String,
    /// What is shown this once: name and value.
    pub(super) secrets: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    person: PersonLine,
    own: bool,
    roles: Vec<(&'static str, &'static str, bool)>,
    actions: Vec<(&'static str, &'static str, bool, bool)>,
}

/// Everybody of the town, and its machine clients.
#[utoipa::path(
    get, path = "/console/{tenant}/people", tag = "console", security(("session" = ["manage_staff"])),
    params(("tenant" = String, Path)),
    responses(Page, PageRefusals, NoTown)
)]
pub(super) async fn get_people(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::ManageStaff).await?;
    Ok(page(&cloud, &clerk, None).await?)
}

async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    let people = cloud.store.people(&clerk.realm).await?;
    let may_clients = clerk.person.rights.may(Permission::ManageClients);
    let clients = if may_clients {
        cloud.store.clients(&clerk.realm).await?
    } else {
        Vec::new()
    };
    html(&PeoplePage {
        frame: frame(cloud, clerk, "/people"),
        problem,
        people: people
            .iter()
            .map(|person| PersonLine::new(person, clerk.now))
            .collect(),
        roles: TOWN_ROLES
            .iter()
            .map(|role| (role.as_str(), role.japanese()))
            .collect(),
        may_clients,
        clients: clients
            .iter()
            .map(|client| ClientLine {
                id: client.id.clone(),
                name: client.name.clone(),
                scopes: client.scopes.iter().map(Scope::japanese).collect(),
                since: words::time(clerk.language, client.created_at),
                revoked: client.revoked_at.is_some(),
            })
            .collect(),
        scopes: Scope::ALL
            .iter()
            .map(|scope| (scope.as_str(), scope.japanese()))
            .collect(),
    })
}

/// Adds a person and shows their invitation, once.
#[utoipa::path(
    post, path = "/console/{tenant}/people", tag = "console", security(("session" = ["manage_staff"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, login, name, role (several)"),
    responses(
        (status = 200, description = "The invitation, to be handed over", body = String, content_type = "text/html"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        FormRefusals, NoTown,
    )
)]
pub(super) async fn post_people(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageStaff).await?;
    let (login, name) = (one(&fields, "login"), one(&fields, "name"));
    let rights = Rights::of(all(&fields, "role", town_role));
    let problem = if name.is_empty() || rights.roles.is_empty() {
        Some("氏名を入力し、役割を1つ以上選んでください。".to_owned())
    } else {
        None
    };
    let invited = match problem {
        Some(problem) => Err(problem),
        None => {
            let key = clerk.tenant.key();
            let who = (login, name);
            match cloud
                .invite(&clerk.realm, &key, clerk.actor(), who, rights)
                .await
            {
                Ok(invited) => Ok(invited),
                Err(error @ (EnrolError::Taken | EnrolError::Login)) => Err(error.to_string()),
                Err(error) => return Err(Refusal::from(error).into()),
            }
        }
    };
    match invited {
        Ok((person, invitation)) => {
            Ok(handed(&cloud, &clerk, &person, &invitation)?.into_response())
        }
        Err(problem) => {
            let problem = clerk.language.say(&problem).to_owned();
            let page = page(&cloud, &clerk, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn handed(
    cloud: &Shared,
    clerk: &Clerk,
    person: &Person,
    invitation: &Bearer,
) -> Result<Html<String>, Refusal> {
    let address = format!("/console/{}/enrol/{}", clerk.realm, invitation.reveal());
    let address = match &cloud.console.origin {
        Some(origin) => format!("{origin}{address}"),
        None => address,
    };
    html(&HandedPage {
        frame: frame(cloud, clerk, "/people"),
        title: "招待しました",
        text: clerk.language.fill(
            "{}さん（ログイン名 {}）に、次のアドレスを渡してください。{}時間以内に1回だけ使えます。この画面を離れると、もう表示できません。",
            &[&person.name, &person.login, &ENROLMENT_LIFE.as_hours()],
        ),
        secrets: vec![("招待のアドレス", address)],
    })
}

async fn person_of(cloud: &Shared, clerk: &Clerk, id: &str) -> Result<Person, Refusal> {
    let found = cloud.store.person(&clerk.realm, id).await?;
    Ok(found
        .map(|(person, _)| person)
        .ok_or(ProblemCode::NotFound)?)
}

/// One person: roles and single rights.
#[utoipa::path(
    get, path = "/console/{tenant}/people/{person}", tag = "console", security(("session" = ["manage_staff"])),
    params(("tenant" = String, Path), ("person" = String, Path)),
    responses(
        (status = 404, description = "No such tenant or person", body = Problem, content_type = "application/problem+json"),
        Page, PageRefusals,
    )
)]
pub(super) async fn get_person(
    State(cloud): State<Shared>,
    clerk: Clerk,
    path: Path<(String, String)>,
) -> Result<Html<String>, Away> {
    clerk.require(&cloud, Permission::ManageStaff).await?;
    let Path((_, id)) = path;
    let person = person_of(&cloud, &clerk, &id).await?;
    let rights = &person.rights;
    Ok(html(&PersonPage {
        frame: frame(&cloud, &clerk, "/people"),
        own: person.id == clerk.person.id,
        roles: TOWN_ROLES
            .iter()
            .map(|role| (role.as_str(), role.japanese(), rights.roles.contains(role)))
            .collect(),
        actions: Permission::ALL
            .iter()
            .filter(|action| **action != Permission::SeeTowns)
            .map(|action| {
                (
                    action.as_str(),
                    action.japanese(),
                    rights.granted.contains(action),
                    rights.withheld.contains(action),
                )
            })
            .collect(),
        person: PersonLine::new(&person, clerk.now),
    })?)
}

/// Changes what a person may do, says that they left, or invites them again.
#[utoipa::path(
    post, path = "/console/{tenant}/people/{person}", tag = "console", security(("session" = ["manage_staff"])),
    params(("tenant" = String, Path), ("person" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, do (save, leave, invite), name, role, granted, withheld (several each)"),
    responses(
        (status = 200, description = "A new invitation, to be handed over", body = String, content_type = "text/html"),
        (status = 303, description = "Changed"),
        (status = 404, description = "No such tenant or person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The last administrator stays one", body = Problem, content_type = "application/problem+json"),
        FormRefusals,
    )
)]
pub(super) async fn post_person(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageStaff).await?;
    let Path((_, id)) = path;
    let mut person = person_of(&cloud, &clerk, &id).await?;
    match one(&fields, "do") {
        "invite" => return Ok(again(&cloud, &clerk, &person).await?),
        "leave" => person.left_at = Some(clerk.now),
        "save" => {
            let name = one(&fields, "name");
            if name.is_empty() {
                return Err(ProblemCode::MalformedRequest.into());
            }
            name.clone_into(&mut person.name);
            person.rights = Rights {
                roles: all(&fields, "role", town_role),
                granted: all(&fields, "granted", town_action),
                withheld: all(&fields, "withheld", town_action),
            };
            person.left_at = None;
        }
        _ => return Err(ProblemCode::MalformedRequest.into()),
    }
    keep_an_administrator(&cloud, &clerk, &person).await?;
    let roles: Vec<_> = person
        .rights
        .roles
        .iter()
        .map(|role| role.as_str())
        .collect();
    let record = clerk
        .record(AuditEvent::StaffChanged)
        .about(&person.id)
        .with(json!({
            "roles": roles, "left": person.left_at.is_some(),
        }));
    cloud
        .store
        .change_person(&clerk.realm, &person, &record)
        .await?;
    let address = format!("/console/{}/people", clerk.realm);
    Ok(Redirect::to(&address).into_response())
}

fn town_action(word: &str) -> Option<Permission> {
    Permission::from_word(word).filter(|action| *action != Permission::SeeTowns)
}

/// A town in which nobody can manage people could only be helped from the command line.
async fn keep_an_administrator(
    cloud: &Shared,
    clerk: &Clerk,
    changed: &Person,
) -> Result<(), Refusal> {
    let manages =
        |person: &Person| person.left_at.is_none() && person.rights.may(Permission::ManageStaff);
    let people = cloud.store.people(&clerk.realm).await?;
    let others = people
        .iter()
        .any(|person| person.id != changed.id && person.enrolled && manages(person));
    if others || manages(changed) {
        return Ok(());
    }
    let detail = "職員を管理できる人がいなくなります。先に別の人を管理者にしてください。";
    Err(Problem::new(ProblemCode::StateConflict)
        .detail(detail)
        .into())
}

async fn again(cloud: &Shared, clerk: &Clerk, person: &Person) -> Result<Response, Refusal> {
    let invitation = Bearer::new()?;
    let until = clerk
        .now
        .checked_add(ENROLMENT_LIFE)
        .map_err(|_| ProblemCode::Internal)?;
    let factor = SecondFactor::new()
        .and_then(|factor| factor.seal(&clerk.tenant.key(), &person.id))
        .map_err(|_| ProblemCode::Internal)?;
    let record = clerk
        .record(AuditEvent::StaffChanged)
        .about(&person.id)
        .with(json!({ "invited": "again" }));
    cloud
        .store
        .invite_again(
            &clerk.realm,
            &person.id,
            &factor,
            (&invitation.hash(), until),
            &record,
        )
        .await?;
    Ok(handed(cloud, clerk, person, &invitation)?.into_response())
}
