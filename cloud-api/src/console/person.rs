//! One person: roles and single rights, and what a second person has to confirm about them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::{Actor, AuditEvent};
use cloud_store::{Permission, Person, Rights, RightsRequest};
use kiosk_api::{Problem, ProblemCode};

use super::answers::{FormRefusals, Page, PageRefusals};
use super::frame::{Frame, frame};
use super::people::{Fields, PersonLine, TOWN_ROLES, all, handed, one, town_role};
use super::render::html;
use crate::cloud::Shared;
use crate::labels::Label;
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, ConfirmError, Posted, may_confirm, rights_detail};

/// What waits for a second person.
struct Waiting {
    /// Who invited, or asked.
    giver: String,
    /// Rights as they would be then, in words.
    rights: Vec<&'static str>,
    /// The same, as the form sends it back: what is confirmed is what was seen.
    seen: String,
    /// Why the reader cannot confirm.
    hindrance: Option<String>,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    person: PersonLine,
    own: bool,
    proven: bool,
    problem: Option<String>,
    unconfirmed: Option<Waiting>,
    request: Option<Waiting>,
    roles: Vec<(&'static str, &'static str, bool)>,
    actions: Vec<(&'static str, &'static str, bool, bool)>,
}

/// Everybody's names, to say who invited or asked.
struct Town<'a> {
    clerk: &'a Clerk,
    people: Vec<Person>,
}

impl Town<'_> {
    fn name(&self, id: &str) -> String {
        let known = self.people.iter().find(|person| person.id == id);
        let name = known.map(|person| person.name.clone());
        name.unwrap_or_else(|| self.clerk.language.say("運用者（コマンド）").to_owned())
    }

    fn waiting(&self, person: &Person, giver: &str, rights: &Rights, enrolled: bool) -> Waiting {
        let actor = Actor::Staff(self.clerk.person.id.clone());
        let hindrance = match may_confirm(&actor, &person.id, giver) {
            Ok(()) if enrolled => None,
            Ok(()) => Some(ConfirmError::NotEnrolled),
            Err(hindrance) => Some(hindrance),
        };
        let say = |error: ConfirmError| self.clerk.language.say(&error.to_string()).to_owned();
        Waiting {
            giver: self.name(giver),
            rights: allowed(rights),
            seen: seen(rights),
            hindrance: hindrance.map(say),
        }
    }
}

/// Rights as a form sends them back.
fn seen(rights: &Rights) -> String {
    rights_detail(&Rights::default(), rights).to_string()
}

/// What these rights allow, in words.
fn allowed(rights: &Rights) -> Vec<&'static str> {
    let all = Permission::ALL.iter().filter(|one| rights.may(**one));
    all.map(|one| one.japanese()).collect()
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
    Ok(page(&cloud, &clerk, &id, None).await?)
}

async fn page(
    cloud: &Shared,
    clerk: &Clerk,
    id: &str,
    problem: Option<String>,
) -> Result<Html<String>, Refusal> {
    let person = person_of(cloud, clerk, id).await?;
    let request = cloud.store.rights_request(&clerk.realm, id).await?;
    let people = cloud.store.people(&clerk.realm).await?;
    let town = Town { clerk, people };
    let waiting = person.unconfirmed.as_ref();
    let waiting =
        waiting.map(|one| town.waiting(&person, &one.invited_by, &person.rights, person.enrolled));
    // What is asked for is what the form shows, so that saving it again takes nothing away.
    let shown = request
        .as_ref()
        .map_or(&person.rights, |request| &request.rights);
    html(&PersonPage {
        frame: frame(cloud, clerk, "/people"),
        own: person.id == clerk.person.id,
        proven: clerk.is_proven(),
        problem,
        unconfirmed: waiting,
        request: request
            .as_ref()
            .map(|one| town.waiting(&person, &one.asked_by, &one.rights, true)),
        roles: TOWN_ROLES
            .iter()
            .map(|role| (role.as_str(), role.japanese(), shown.roles.contains(role)))
            .collect(),
        actions: Permission::ALL
            .iter()
            .filter(|action| **action != Permission::SeeTowns)
            .map(|action| {
                let (granted, withheld) = (&shown.granted, &shown.withheld);
                (
                    action.as_str(),
                    action.japanese(),
                    granted.contains(action),
                    withheld.contains(action),
                )
            })
            .collect(),
        person: PersonLine::new(&person, request.as_slice()),
    })
}

/// Changes what a person may do, says that they left, invites them again, or confirms what another administrator began.
#[utoipa::path(
    post, path = "/console/{tenant}/people/{person}", tag = "console", security(("session" = ["manage_staff"])),
    params(("tenant" = String, Path), ("person" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, do (save, leave, invite, confirm, agree, decline), name, role, granted, withheld (several each), number, seen"),
    responses(
        (status = 200, description = "A new invitation, to be handed over", body = String, content_type = "text/html"),
        (status = 303, description = "Done; or to the page that asks for password and code again"),
        (status = 404, description = "No such tenant or person", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The last administrator stays one", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The page, which says what hinders", body = String, content_type = "text/html"),
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
    let person = person_of(&cloud, &clerk, &id).await?;
    clerk.require_proof(&format!("/people/{id}"))?;
    let done = match one(&fields, "do") {
        "invite" => return Ok(again(&cloud, &clerk, &person).await?),
        "leave" => leave(&cloud, &clerk, person).await.map(Ok)?,
        "save" => save(&cloud, &clerk, person, &fields).await?,
        "confirm" => confirm(&cloud, &clerk, &person, &fields).await,
        "agree" => agree(&cloud, &clerk, &person, &fields).await?,
        "decline" => decline(&cloud, &clerk, &person).await.map(Ok)?,
        _ => return Err(ProblemCode::MalformedRequest.into()),
    };
    match done {
        Ok(()) => {
            let address = format!("/console/{}/people", clerk.realm);
            Ok(Redirect::to(&address).into_response())
        }
        Err(ConfirmError::Store(error)) => Err(error.into()),
        Err(hindrance) => {
            let problem = clerk.language.say(&hindrance.to_string()).to_owned();
            let page = page(&cloud, &clerk, &id, Some(problem)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// What narrows rights applies at once; what widens them waits for a second person.
async fn save(
    cloud: &Shared,
    clerk: &Clerk,
    mut person: Person,
    fields: &Fields,
) -> Result<Result<(), ConfirmError>, Refusal> {
    let name = one(fields, "name");
    if name.is_empty() {
        return Err(ProblemCode::MalformedRequest.into());
    }
    let wanted = Rights {
        roles: all(fields, "role", town_role),
        granted: all(fields, "granted", town_action),
        withheld: all(fields, "withheld", town_action),
    };
    let held = person.held_rights();
    let widens = wanted.widen(&held);
    if widens && person.id == clerk.person.id {
        return Ok(Err(ConfirmError::Own));
    }
    name.clone_into(&mut person.name);
    person.rights = match widens {
        true => wanted.narrowed_to(&held),
        false => wanted.clone(),
    };
    // Without a right nobody does anything: who comes back does so with the rights that are agreed to.
    person.left_at = person.left_at.filter(|_| widens);
    keep_an_administrator(cloud, clerk, &person).await?;
    let request = widens.then(|| RightsRequest {
        person: person.id.clone(),
        rights: wanted.clone(),
        asked_by: clerk.person.id.clone(),
        asked_at: clerk.now,
    });
    let event = match widens {
        true => AuditEvent::RightsAsked,
        false => AuditEvent::StaffChanged,
    };
    let record = clerk
        .record(event)
        .about(&person.id)
        .with(rights_detail(&held, &wanted));
    let store = &cloud.store;
    store
        .change_person(&clerk.realm, &person, request.as_ref(), &record)
        .await?;
    Ok(Ok(()))
}

async fn leave(cloud: &Shared, clerk: &Clerk, mut person: Person) -> Result<(), Refusal> {
    let held = person.held_rights();
    person.left_at = Some(clerk.now);
    person.rights = Rights::default();
    keep_an_administrator(cloud, clerk, &person).await?;
    let mut detail = rights_detail(&held, &person.rights);
    detail["left"] = true.into();
    let record = clerk.record(AuditEvent::StaffChanged);
    let record = record.about(&person.id).with(detail);
    let store = &cloud.store;
    Ok(store
        .change_person(&clerk.realm, &person, None, &record)
        .await?)
}

async fn confirm(
    cloud: &Shared,
    clerk: &Clerk,
    person: &Person,
    fields: &Fields,
) -> Result<(), ConfirmError> {
    if one(fields, "seen") != seen(&person.rights) {
        return Err(ConfirmError::Changed);
    }
    let number = one(fields, "number");
    cloud
        .confirm_person(&clerk.realm, clerk.actor(), person, number)
        .await
}

async fn agree(
    cloud: &Shared,
    clerk: &Clerk,
    person: &Person,
    fields: &Fields,
) -> Result<Result<(), ConfirmError>, Refusal> {
    let request = cloud.store.rights_request(&clerk.realm, &person.id).await?;
    let as_seen = |request: &RightsRequest| one(fields, "seen") == seen(&request.rights);
    let Some(request) = request.filter(as_seen) else {
        return Ok(Err(ConfirmError::Changed));
    };
    let actor = clerk.actor();
    Ok(cloud
        .agree_to_rights(&clerk.realm, actor, person, &request)
        .await)
}

/// Whoever asked takes it back the same way.
async fn decline(cloud: &Shared, clerk: &Clerk, person: &Person) -> Result<(), Refusal> {
    let record = clerk.record(AuditEvent::RightsDeclined).about(&person.id);
    let store = &cloud.store;
    match store
        .drop_request(&clerk.realm, &person.id, &record)
        .await?
    {
        true => Ok(()),
        false => Err(ProblemCode::NotFound.into()),
    }
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
    let manages = |person: &Person| person.left_at.is_none() && person.may(Permission::ManageStaff);
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

/// Nobody invites themselves again: that would be a new second factor without the old one.
async fn again(cloud: &Shared, clerk: &Clerk, person: &Person) -> Result<Response, Refusal> {
    if person.id == clerk.person.id {
        return Err(ProblemCode::NotAllowed.into());
    }
    let (key, actor) = (clerk.tenant.key(), clerk.actor());
    let invitation = cloud
        .invite_again(&clerk.realm, &key, actor, person)
        .await?;
    Ok(handed(cloud, clerk, person, &invitation)?.into_response())
}
