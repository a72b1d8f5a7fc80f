//! Where a machine client's people fetch its secret, once.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::answers::Page;
use super::frame::Frame;
use super::log_in::{Entrance, MessagePage};
use super::render::html;
use super::switch::escaped;
use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::staff::Bearer;

#[derive(Template)]
#[template(path = "client_secret.html")]
struct SecretPage {
    frame: Frame,
    action: String,
    /// What is shown this once: name and value. Empty before.
    secrets: Vec<(&'static str, String)>,
}

fn none_here(entrance: &Entrance) -> Result<Response, Refusal> {
    let text = "このアドレスは使えません。期限が切れたか、すでに秘密の値が受け取られています。心当たりがないときは、すぐに自治体の管理者に知らせてください。";
    let page = MessagePage {
        frame: entrance.frame(),
        title: "秘密の値を受け取れません",
        text: entrance.language.say(text).to_owned(),
        link: ("/".to_owned(), "最初の画面へ"),
    };
    Ok((StatusCode::NOT_FOUND, html(&page)?).into_response())
}

fn action(entrance: &Entrance, pickup: &Bearer) -> String {
    let secret = escaped(pickup.reveal());
    format!("/console/{}/client-secret/{secret}", entrance.realm)
}

/// Asks before it shows: a program that only follows addresses must not use it up.
#[utoipa::path(
    get, path = "/console/{tenant}/client-secret/{pickup}", tag = "console",
    params(("tenant" = String, Path), ("pickup" = String, Path)),
    responses(
        (status = 404, description = "No such tenant, or the page that says why there is no secret", body = String, content_type = "text/html"),
        Page,
    )
)]
pub(super) async fn get_secret(
    State(cloud): State<Shared>,
    entrance: Entrance,
    path: Path<(String, String)>,
) -> Result<Response, Refusal> {
    let Path((_, pickup)) = path;
    let pickup = Bearer::presented(&pickup);
    if cloud
        .secret_to_fetch(&entrance.realm, &pickup)
        .await?
        .is_none()
    {
        return none_here(&entrance);
    }
    let page = SecretPage {
        frame: entrance.frame(),
        action: action(&entrance, &pickup),
        secrets: Vec::new(),
    };
    Ok(html(&page)?.into_response())
}

/// Shows it.
#[utoipa::path(
    post, path = "/console/{tenant}/client-secret/{pickup}", tag = "console",
    params(("tenant" = String, Path), ("pickup" = String, Path)),
    responses(
        (status = 404, description = "No such tenant, or the page that says why there is no secret", body = String, content_type = "text/html"),
        Page,
    )
)]
pub(super) async fn post_secret(
    State(cloud): State<Shared>,
    entrance: Entrance,
    path: Path<(String, String)>,
) -> Result<Response, Refusal> {
    let Path((_, pickup)) = path;
    let (realm, pickup) = (&entrance.realm, Bearer::presented(&pickup));
    let Some(waiting) = cloud.secret_to_fetch(realm, &pickup).await? else {
        return none_here(&entrance);
    };
    let Some(secret) = cloud.fetch_secret(realm, &pickup, &waiting).await? else {
        return none_here(&entrance);
    };
    let page = SecretPage {
        frame: entrance.frame(),
        action: String::new(),
        secrets: vec![
            ("client_id", waiting.client),
            ("client_secret", secret.reveal().to_owned()),
            ("トークンの取得先", format!("/v1/{realm}/oauth/token")),
            ("確認番号", waiting.confirmation_number.unwrap_or_default()),
        ],
    };
    Ok(html(&page)?.into_response())
}
