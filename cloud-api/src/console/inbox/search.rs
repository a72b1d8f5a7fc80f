//! The search above the inbox.

use std::collections::BTreeMap;
use std::sync::Arc;

use application::ValueSet;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use cloud_store::audit::AuditEvent;
use cloud_store::{InboxFilter, Permission, SealedNames};
use kiosk_api::{ApplicationId, ProblemCode};
use serde::Deserialize;
use serde_json::json;

use super::choices::InboxQuery;
use super::page::{Found, LISTED, MOST, page};
use super::search_term::SearchTerm;
use crate::casework::{NameKey, fold};
use crate::cloud::Shared;
use crate::console::answers::{FormRefusals, NoTown};
use crate::refusal::Refusal;
use crate::staff::{Away, Clerk, Posted};
use crate::tenant::Tenant;

#[derive(Deserialize)]
pub(in crate::console) struct FindForm {
    #[serde(default)]
    q: String,
}

/// Goes to the application of a scanned code or a typed reception number, or lists those that have a name. A name is
/// posted, so that it is in no address and no log.
#[utoipa::path(
    post, path = "/console/{tenant}/find", tag = "console", security(("session" = ["list_applications"])),
    params(("tenant" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        description = "csrf, q: text of a paper's code, a reception number, or a name in kanji or kana"),
    responses(
        (status = 200, description = "The list of what was found, or why nothing was", body = String, content_type = "text/html"),
        (status = 303, description = "There it is"),
        FormRefusals, NoTown,
    )
)]
pub(in crate::console) async fn post_find(
    State(cloud): State<Shared>,
    Posted(clerk, form): Posted<Clerk, FindForm>,
) -> Result<Response, Away> {
    clerk.require(&cloud, Permission::ListApplications).await?;
    let code = &clerk.tenant.code;
    let (found, by) = match SearchTerm::parse(&form.q, code.as_str()) {
        SearchTerm::Name => return Ok(named(&cloud, &clerk, form.q).await?.into_response()),
        SearchTerm::Unclear(why) => (Err(why), "unclear"),
        SearchTerm::Reception(number) => (by_reception(&cloud, &clerk, &number).await?, "number"),
        SearchTerm::Code(id, reception) => (by_code(&cloud, &clerk, id, &reception).await?, "code"),
    };
    let record = clerk
        .record(AuditEvent::Searched)
        .with(json!({ "by": by, "found": usize::from(found.is_ok()) }));
    cloud.store.record(&clerk.realm, &record).await?;
    match found {
        Ok(id) => {
            let address = format!("/console/{code}/applications/{id}");
            Ok(Redirect::to(&address).into_response())
        }
        Err(problem) => Ok(not_found(&cloud, &clerk, form.q, problem)
            .await?
            .into_response()),
    }
}

/// An application, or why the clerk does not get there.
type Search = Result<ApplicationId, &'static str>;

async fn by_reception(cloud: &Shared, clerk: &Clerk, number: &str) -> Result<Search, Refusal> {
    const MISSING: &str =
        "この受付番号の申請は届いていません。端末が送信を終えるまでお待ちください。";
    let code = &clerk.tenant.code;
    let found = cloud.store.application_by_reception(code, number).await?;
    Ok(found.ok_or(MISSING))
}

async fn by_code(
    cloud: &Shared,
    clerk: &Clerk,
    id: ApplicationId,
    reception: &str,
) -> Result<Search, Refusal> {
    const MISSING: &str =
        "このコードの申請は届いていません。端末が送信を終えるまでお待ちください。";
    let found = cloud.store.application(&clerk.tenant.code, id).await?;
    let found = found.filter(|(row, _)| row.reception == reception);
    Ok(found.map(|_| id).ok_or(MISSING))
}

/// The whole list, with the message above it.
async fn not_found(
    cloud: &Shared,
    clerk: &Clerk,
    typed: String,
    problem: &'static str,
) -> Result<Html<String>, Refusal> {
    let everything = InboxFilter::default();
    let rows = cloud.store.inbox(&clerk.tenant.code, &everything, MOST);
    let found = Found {
        typed,
        problem: Some(problem),
        ..Found::default()
    };
    page(cloud, clerk, &InboxQuery::default(), rows.await?, found).await
}

/// Rows of one question to the store.
const AT_ONCE: i64 = 5_000;
/// Most applications that one search looks through, the newest.
const MOST_SEARCHED: usize = 100_000;

/// The newest applications whose names contain the folded text; opened away from the tasks that answer others.
async fn containing(
    cloud: &Shared,
    tenant: &Arc<Tenant>,
    searched: &str,
) -> Result<Vec<ApplicationId>, Refusal> {
    let key = Arc::new(NameKey::of(&tenant.key())?);
    let (mut found, mut looked, mut before) = (Vec::new(), 0, None);
    while found.len() < LISTED && looked < MOST_SEARCHED {
        let some = cloud.store.sealed_names(&tenant.code, before, AT_ONCE);
        let some = some.await?;
        let Some(last) = some.last() else { break };
        (before, looked) = (Some(last.cursor), looked + some.len());
        let (key, searched) = (Arc::clone(&key), searched.to_owned());
        let open = move || {
            let has =
                |one: &SealedNames| key.contains(&one.cursor.id.to_string(), &one.names, &searched);
            let found = some.into_iter().filter(has);
            found.map(|one| one.cursor.id).collect::<Vec<_>>()
        };
        let opened = tokio::task::spawn_blocking(open).await;
        found.extend(opened.map_err(|_| ProblemCode::Internal)?);
    }
    found.truncate(LISTED);
    Ok(found)
}

/// Applications that have the name, opened so that the clerk can tell them apart.
async fn named(cloud: &Shared, clerk: &Clerk, typed: String) -> Result<Html<String>, Refusal> {
    let tenant = &clerk.tenant;
    let searched = fold(&typed);
    if searched.is_empty() {
        return Err(ProblemCode::MalformedRequest.into());
    }
    let ids = containing(cloud, tenant, &searched).await?;
    let mut rows = cloud.store.applications_of(&tenant.code, &ids).await?;
    let found = cloud.values_of(tenant, &ids).await?.into_iter();
    let names: BTreeMap<String, String> = found
        .filter_map(|(id, values)| Some((id.to_string(), whose(&values, &searched)?)))
        .collect();
    rows.retain(|row| row.altered || names.contains_key(&row.id.to_string()));
    let record = clerk
        .record(AuditEvent::Searched)
        .with(json!({ "by": "name", "found": rows.len(), "applications": names.keys().collect::<Vec<_>>() }));
    cloud.store.record(&clerk.realm, &record).await?;
    let found = Found {
        problem: rows
            .is_empty()
            .then_some("この名前の申請は見つかりません。読みがなか、名字だけでもお試しください。"),
        typed,
        searched: true,
        names,
    };
    page(cloud, clerk, &InboxQuery::default(), rows, found).await
}

/// The person whose name, in kanji or kana, contains what was searched for. A former spelling may have been found, too: then
/// whoever comes first.
fn whose(values: &ValueSet, searched: &str) -> Option<String> {
    let names = || {
        let all = values.iter();
        all.filter(|(key, _)| key.ends_with(".name") || key.ends_with(".name_kana"))
    };
    let found = names()
        .find(|(_, value)| fold(&value.text).contains(searched))
        .or_else(|| names().next());
    let (person, _) = found?.0.rsplit_once('.')?;
    Some(values.text(&format!("{person}.name")).to_owned())
}
