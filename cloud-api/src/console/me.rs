//! Who one is here, what one may do, and where one is logged in.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Permission, Role};
use kiosk_api::{Problem, ProblemCode};
use serde::Deserialize;

use super::answers::{FormRefusals, NoTown, Page};
use super::frame::{Frame, frame};
use super::render::html;
use super::words;
use crate::cloud::Shared;
use crate::labels::Label;
use crate::staff::{Away, Clerk, Posted, SESSION_IDLE, hex};

/// A session, as its person sees it.
struct SessionLine {
    /// Its secret's hash.
    id: String,
    begun: String,
    seen: String,
    address: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    frame: Frame,
    login: String,
    roles: Vec<&'static str>,
    actions: Vec<(&'static str, bool)>,
    /// What a second administrator asks for.
    confirmation_number: Option<String>,
    sessions: Vec<SessionLine>,
}

#[derive(Deserialize)]
pub(super) struct MeForm {
    #[serde(default)]
    end: String,
}

/// The person's own page.
#[utoipa::path(
    get, path = "/console/{tenant}/me", tag = "console", security(("session" = [])),
    params(("tenant" = String, Path)),
    responses(
        (status = 303, description = "Nobody is logged in: to the log-in"),
        Page, NoTown,
    )
)]
pub(super) async fn get_me(
    State(cloud): State<Shared>,
    clerk: Clerk,
) -> Result<Html<String>, Away> {
    let (person, language) = (&clerk.person, clerk.language);
    let oldest = clerk.now.checked_sub(SESSION_IDLE);
    let oldest = oldest.map_err(|_| ProblemCode::Internal)?;
    let sessions = cloud
        .store
        .sessions_of(&clerk.realm, &person.id, oldest)
        .await?;
    let line = |(hash, session): (Vec<u8>, cloud_store::Session)| SessionLine {
        here: hash == clerk.session,
        id: hex(&hash),
        begun: words::time(language, session.begun_at),
        seen: words::time(language, session.seen_at),
        address: session.address,
    };
    Ok(html(&MePage {
        frame: frame(&cloud, &clerk, "/me"),
        login: person.login.clone(),
        roles: person
            .rights
            .roles
            .iter()
            .copied()
            .map(Role::japanese)
            .collect(),
        actions: Permission::ALL
            .iter()
            .map(|action| (action.japanese(), person.may(*action)))
            .collect(),
        confirmation_number: person
            .unconfirmed
            .as_ref()
            .map(|one| one.confirmation_number.clone()),
        sessions: sessions.into_iter().map(line).collect(),
    })?)
}

/// Ends another session of the person, or keeps that they have read of a change.
#[utoipa::path(
    post, path = "/console/{tenant}/me", tag = "console", security(("session" = [])), params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, end (a session's name on the page; without it the notice has been read)"),
    responses(
        (status = 303, description = "Done"),
        (status = 404, description = "No such tenant or session", body = Problem, content_type = "application/problem+json"),
        FormRefusals,
    )
)]
pub(super) async fn post_me(
    State(cloud): State<Shared>,
    Posted(clerk, form): Posted<Clerk, MeForm>,
) -> Result<Response, Away> {
    let (realm, id) = (&clerk.realm, &clerk.person.id);
    if form.end.is_empty() {
        cloud.store.read_notice(realm, id).await?;
    } else {
        let record = clerk.record(AuditEvent::SessionEnded);
        let hash = bytes(&form.end).ok_or(ProblemCode::NotFound)?;
        let store = &cloud.store;
        if !store.end_session_of(realm, id, &hash, &record).await? {
            return Err(ProblemCode::NotFound.into());
        }
    }
    let address = format!("/console/{realm}/me");
    Ok(Redirect::to(&address).into_response())
}

/// What [`hex`] wrote.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
