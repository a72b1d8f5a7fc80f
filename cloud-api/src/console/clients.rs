//! Machine clients, as an administrator adds and revokes them.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{Client, Permission, Scopes};
use kiosk_api::{Problem, ProblemCode};
use serde_json::json;
use uuid::Uuid;

use super::answers::{FormRefusals, NoTown};
use super::frame::frame;
use super::people::{Fields, HandedPage, one};
use super::render::html;
use crate::cloud::Shared;
use crate::staff::{Away, Bearer, Clerk, Posted};

/// Adds a machine client and shows its secret, once.
#[utoipa::path(
    post, path = "/console/{tenant}/clients", tag = "console", security(("session" = ["manage_clients"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf, name, scope (several)"),
    responses(
        (status = 200, description = "Id and secret, to be handed over", body = String, content_type = "text/html"),
        FormRefusals, NoTown,
    )
)]
pub(super) async fn post_client(
    State(cloud): State<Shared>,
    Posted(clerk, fields): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageClients).await?;
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
    let secret = Bearer::new()?;
    let client = Client {
        id: Uuid::new_v4().to_string(),
        name: name.to_owned(),
        scopes,
        created_at: clerk.now,
        revoked_at: None,
    };
    let record = clerk
        .record(AuditEvent::ClientAdded)
        .about(&client.id)
        .with(json!({ "scopes": client.scopes.words() }));
    cloud
        .store
        .add_client(&clerk.realm, &client, &secret.hash(), &record)
        .await?;
    Ok(html(&HandedPage {
        frame: frame(&cloud, &clerk, "/people"),
        title: "外部サービスを登録しました",
        text: clerk.language.fill(
            "「{}」の担当者に、次の値を安全な方法で渡してください。秘密の値は、この画面を離れるともう表示できません。",
            &[&client.name],
        ),
        secrets: vec![
            ("client_id", client.id),
            ("client_secret", secret.reveal().to_owned()),
            ("トークンの取得先", format!("/v1/{}/oauth/token", clerk.realm)),
        ],
    })?
    .into_response())
}

/// Revokes a machine client; its tokens end at once.
#[utoipa::path(
    post, path = "/console/{tenant}/clients/{client}/revoke", tag = "console", security(("session" = ["manage_clients"])),
    params(("tenant" = String, Path), ("client" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "csrf"),
    responses(
        (status = 303, description = "Revoked"),
        (status = 404, description = "No such tenant or client", body = Problem, content_type = "application/problem+json"),
        FormRefusals,
    )
)]
pub(super) async fn revoke_client(
    State(cloud): State<Shared>,
    path: Path<(String, String)>,
    Posted(clerk, _): Posted<Clerk, Fields>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ManageClients).await?;
    let Path((_, id)) = path;
    let record = clerk.record(AuditEvent::ClientRevoked).about(&id);
    let revoked = cloud
        .store
        .revoke_client(&clerk.realm, &id, clerk.now, &record)
        .await?;
    if !revoked {
        return Err(ProblemCode::NotFound.into());
    }
    let address = format!("/console/{}/people", clerk.realm);
    Ok(Redirect::to(&address).into_response())
}
