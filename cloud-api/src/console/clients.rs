//! Machine clients, as administrators register, confirm, renew and revoke them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Client, Permission, Scopes};
use kiosk_api::{Problem, ProblemCode};
use uuid::Uuid;

use super::answers::{FormRefusals, NoTown};
use super::frame::frame;
use super::people::{Fields, HandedPage, one, page};
use super::render::html;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::{Away, Bearer, Clerk, ConfirmError, ENROLMENT_LIFE, Posted};

/// Registers a machine client and shows where its people fetch its secret.
#[utoipa::path(
    post, path = "/console/{tenant}/clients", tag = "console", security(("session" = ["manage_clients"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, name, scope (several)"),
    responses(
        (status = 200, description = "The address, to be handed over", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for password and code again"),
        FormRefusals, NoTown,
    )
)]
pub(super) async fn post_client(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageClients).await?;
    clerk.require_proof("/people")?;
    let words: Vec<&str> = fields
        .iter()
        .filter(|(own, _)| own == "scope")
        .map(|(_, value)| value.as_str())
        .collect();
    let scopes = Scopes::from_words(&words.join(" "));
    let name = one(&fields, "name");
    if name.is_empty() || scopes.iter().next().is_none() {
        return Err(ProblemCode::MalformedRequest.into());
    }
    let client = Client {
        id: Uuid::new_v4().to_string(),
        name: name.to_owned(),
        scopes,
        created_at: clerk.now,
        revoked_at: None,
    };
    let by = &clerk.person.id;
    let pickup = cloud
        .ask_for_secret(&clerk.realm, by, &client, AuditEvent::ClientAdded)
        .await?;
    Ok(handed(&cloud, &clerk, &client, &pickup)?.into_response())
}

fn handed(
    cloud: &Shared,
    clerk: &Clerk,
    client: &Client,
    pickup: &Bearer,
) -> Result<Html<String>, Refusal> {
    let address = format!("/console/{}/client-secret/{}", clerk.realm, pickup.reveal());
    let origin = cloud.console.origin.as_deref().unwrap_or_default();
    html(&HandedPage {
        frame: frame(cloud, clerk, "/people"),
        title: "秘密の値の受け取り先",
        text: clerk.language.fill(
            "「{}」の担当者に、次のアドレスを渡してください。{}時間以内に1回だけ、秘密の値を受け取れます。受け取ったのが担当者かを別の管理者が確認番号で確かめるまで、使えません。",
            &[&client.name, &ENROLMENT_LIFE.as_hours()],
        ),
        secrets: vec![("受け取りのアドレス", format!("{origin}{address}"))],
    })
}

/// Confirms who fetched the secret, asks for a new one, or revokes the client.
#[utoipa::path(
    post, path = "/console/{tenant}/clients/{client}", tag = "console", security(("session" = ["manage_clients"])),
    params(("tenant" = String, Path), ("client" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, do (confirm, renew, revoke), number"),
    responses(
        (status = 200, description = "The address of a new secret, to be handed over", body = String, content_type = "text/html"),
        (status = 303, description = "Done; or to the page that asks for password and code again"),
        (status = 404, description = "No such tenant or client", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The page, which says what hinders", body = String, content_type = "text/html"),
        FormRefusals,
    )
)]
pub(super) async fn change_client(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageClients).await?;
    let Path((_, id)) = path;
    let clients = cloud.store.clients(&clerk.realm).await?;
    let client = clients.into_iter().find(|client| client.id == id);
    let client = client
        .filter(|client| client.revoked_at.is_none())
        .ok_or(ProblemCode::NotFound)?;
    match one(&fields, "do") {
        // What takes away is never asked twice.
        "revoke" => revoke(&cloud, &clerk, &client).await?,
        "confirm" => {
            clerk.require_proof("/people")?;
            let number = one(&fields, "number");
            let done = cloud
                .confirm_secret(&clerk.realm, clerk.actor(), &client.id, number)
                .await;
            match done {
                Ok(()) => {}
                Err(ConfirmError::Store(error)) => return Err(error.into()),
                Err(hindrance) => {
                    let problem = clerk.language.say(&hindrance.to_string()).to_owned();
                    let page = page(&cloud, &clerk, Some(problem)).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            }
        }
        "renew" => {
            clerk.require_proof("/people")?;
            let (by, event) = (&clerk.person.id, AuditEvent::SecretAsked);
            let pickup = cloud
                .ask_for_secret(&clerk.realm, by, &client, event)
                .await?;
            return Ok(handed(&cloud, &clerk, &client, &pickup)?.into_response());
        }
        _ => return Err(ProblemCode::MalformedRequest.into()),
    }
    let address = format!("/console/{}/people", clerk.realm);
    Ok(Redirect::to(&address).into_response())
}

/// Its tokens end at once.
async fn revoke(cloud: &Shared, clerk: &Clerk, client: &Client) -> Result<(), Refusal> {
    let record = clerk.record(AuditEvent::ClientRevoked).about(&client.id);
    let store = &cloud.store;
    let revoked = store
        .revoke_client(&clerk.realm, &client.id, clerk.now, &record)
        .await?;
    if revoked {
        Ok(())
    } else {
        Err(ProblemCode::NotFound.into())
    }
}
