//! The administrator's page: people, what they may do, and machine clients.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use cloud_store::{Client, ClientSecret, Permission, Person, Rights, RightsRequest, Role, Scope};

use super::answers::{FormRefusals, NoTown, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::labels::Label;
use crate::refusal::Refusal;
use crate::staff::{Away, Bearer, Clerk, ENROLMENT_LIFE, EnrolError, Posted};

/// A form of names and values, some of them given more than once.
pub(super) type Fields = Vec<(String, String)>;

/// Roles that a town's administrator gives; the platform's are the platform's.
pub(super) const TOWN_ROLES: [Role; 6] = [
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

pub(super) fn all<T: Ord>(
    fields: &Fields,
    name: &str,
    from: impl Fn(&str) -> Option<T>,
) -> BTreeSet<T> {
    fields
        .iter()
        .filter(|(own, _)| own == name)
        .filter_map(|(_, value)| from(value))
        .collect()
}

pub(super) fn town_role(word: &str) -> Option<Role> {
    Role::from_word(word).filter(|role| TOWN_ROLES.contains(role))
}

pub(super) struct PersonLine {
    pub(super) id: String,
    pub(super) login: String,
    pub(super) name: String,
    roles: Vec<&'static str>,
    granted: Vec<&'static str>,
    withheld: Vec<&'static str>,
    pub(super) state: &'static str,
    pub(super) state_class: &'static str,
    /// Whether somebody else than this program wrote the row.
    pub(super) altered: bool,
    /// Whether more rights are asked for.
    request: bool,
}

impl PersonLine {
    pub(super) fn new(person: &Person, requests: &[RightsRequest]) -> Self {
        let (state, state_class) = match person {
            person if person.altered => ("▲ 書き換えの疑い", "attention"),
            person if person.left_at.is_some() => ("退職・異動", "done"),
            person if !person.enrolled => ("招待中", "returned"),
            person if person.unconfirmed.is_some() => ("▲ 確認待ち", "attention"),
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
            altered: person.altered,
            request: requests.iter().any(|one| one.person == person.id),
        }
    }
}

struct ClientLine {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    since: String,
    revoked: bool,
    /// When each of its secrets that hold is over.
    ends: Vec<String>,
    /// Whether a secret waits to be fetched, or to be confirmed.
    unfetched: bool,
    unconfirmed: bool,
    /// Whether the reader may confirm it.
    own: bool,
}

impl ClientLine {
    fn new(client: &Client, secrets: &[ClientSecret], clerk: &Clerk) -> Self {
        let own = || secrets.iter().filter(|secret| secret.client == client.id);
        let end = |secret: &ClientSecret| match secret.expires_at {
            Some(end) => words::whole_day(clerk.language, end),
            None => clerk.language.say("期限なし").to_owned(),
        };
        let waits = || own().find(|secret| secret.confirmation_number.is_some());
        Self {
            id: client.id.clone(),
            name: client.name.clone(),
            scopes: client.scopes.iter().map(Scope::japanese).collect(),
            since: words::time(clerk.language, client.created_at),
            revoked: client.revoked_at.is_some(),
            ends: own().filter(|one| one.holds(clerk.now)).map(end).collect(),
            unfetched: waits().is_some_and(|one| one.pickup_until.is_some()),
            unconfirmed: waits().is_some_and(|one| one.pickup_until.is_none()),
            own: waits().is_some_and(|one| one.asked_by == clerk.person.id),
        }
    }
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    problem: Option<String>,
    /// Whether the person has proved a short while ago who they are.
    proven: bool,
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

pub(super) async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    let people = cloud.store.people(&clerk.realm).await?;
    let requests = cloud.store.rights_requests(&clerk.realm).await?;
    let may_clients = clerk.person.may(Permission::ManageClients);
    let clients = if may_clients {
        cloud.store.clients(&clerk.realm).await?
    } else {
        Vec::new()
    };
    let secrets = cloud.store.client_secrets(&clerk.realm).await?;
    html(&PeoplePage {
        frame: frame(cloud, clerk, "/people"),
        problem,
        people: people
            .iter()
            .map(|person| PersonLine::new(person, &requests))
            .collect(),
        proven: clerk.is_proven(),
        roles: TOWN_ROLES
            .iter()
            .map(|role| (role.as_str(), role.japanese()))
            .collect(),
        may_clients,
        clients: clients
            .iter()
            .map(|client| ClientLine::new(client, &secrets, clerk))
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
        (status = 303, description = "To the page that asks for password and code again"),
        (status = 422, description = "The page, which says what to correct", body = String, content_type = "text/html"),
        FormRefusals, NoTown,
    )
)]
pub(super) async fn post_people(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageStaff).await?;
    clerk.require_proof("/people")?;
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

pub(super) fn handed(
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
            "{}さん（ログイン名 {}）に、次のアドレスを渡してください。{}時間以内に1回だけ使えます。この画面を離れると、もう表示できません。登録が終わっても、別の管理者が本人に確認番号を聞いて確認するまで、権限はありません。",
            &[&person.name, &person.login, &ENROLMENT_LIFE.as_hours()],
        ),
        secrets: vec![("招待のアドレス", address)],
    })
}
