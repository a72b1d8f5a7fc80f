//! The console: what people of a town hall work with. Japanese or English, server-rendered; htmx refreshes lists where it is served.
//!
//! Every page but the list of towns and the log-in is for somebody who is logged in to the realm that its path names.

mod again;
mod answers;
mod application_page;
mod application_view;
mod assets;
mod client_secret;
mod clients;
mod enrol;
mod frame;
mod inbox;
mod interview;
mod kiosk_lines;
mod kiosks;
mod links;
mod log_in;
mod masters;
mod me;
mod opened;
mod own_password;
mod papers;
mod people;
mod person;
mod platform;
mod provider;
mod refused;
mod render;
mod switch;
mod towns;
mod trail;
mod words;
mod work;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cloud::Shared;

/// The console's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(towns::towns))
        .routes(routes!(assets::style))
        .routes(routes!(assets::htmx))
        .routes(routes!(switch::to_language))
        .routes(routes!(log_in::get_log_in, log_in::post_log_in))
        .routes(routes!(log_in::get_code, log_in::post_code))
        .routes(routes!(enrol::get_enrol, enrol::post_enrol))
        .routes(routes!(log_in::post_log_out))
        .routes(routes!(again::get_again, again::post_again))
        .routes(routes!(me::get_me, me::post_me))
        .routes(routes!(
            own_password::get_password,
            own_password::post_password
        ))
        .routes(routes!(links::links))
        .routes(routes!(links::post_job))
        .routes(routes!(links::post_letter))
        .routes(routes!(provider::to_provider))
        .routes(routes!(provider::from_provider))
        .routes(routes!(inbox::page::get_inbox))
        .routes(routes!(inbox::search::post_find))
        .routes(routes!(work::claim))
        .routes(routes!(work::release))
        .routes(routes!(work::change_state))
        .routes(routes!(work::correct))
        .routes(routes!(work::protection))
        .routes(routes!(work::hand_off))
        .routes(routes!(application_view::application))
        .routes(routes!(papers::pdf))
        .routes(routes!(papers::picture))
        .routes(routes!(kiosks::get_kiosks))
        .routes(routes!(interview::get_interview, interview::post_interview))
        .routes(routes!(people::get_people, people::post_people))
        .routes(routes!(person::get_person, person::post_person))
        .routes(routes!(clients::post_client))
        .routes(routes!(clients::change_client))
        .routes(routes!(
            client_secret::get_secret,
            client_secret::post_secret
        ))
        .routes(routes!(masters::get_masters, masters::post_masters))
        .routes(routes!(trail::get_trail))
        .routes(routes!(platform::get_platform))
        .layer(axum::middleware::from_fn(refused::as_page))
}
