//! `GET /metrics`: the counters as text.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use kiosk_api::ProblemCode;

use crate::cloud::Shared;
use crate::refusal::Refusal;

/// Counters for Prometheus: its own text format, or OpenMetrics for whoever asks for that.
#[utoipa::path(
    get, path = "/metrics", tag = "operations", params(("Accept" = Option<String>, Header)),
    responses((
        status = 200, description = "Prometheus text format 0.0.4, or OpenMetrics 1.0 where `Accept` names it",
        content((String = "text/plain"), (String = "application/openmetrics-text")),
    ))
)]
pub async fn get_metrics(
    State(cloud): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let open_metrics = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("application/openmetrics-text"));
    let text = cloud.metrics.text().map_err(|_| ProblemCode::Internal)?;
    let (kind, text) = if open_metrics {
        (
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            text,
        )
    } else {
        (
            "text/plain; version=0.0.4; charset=utf-8",
            prometheus_text(&text),
        )
    };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// OpenMetrics as Prometheus text format 0.0.4: there a counter's name ends in `_total` in its head too, and no mark ends
/// the text.
fn prometheus_text(open_metrics: &str) -> String {
    let counters: Vec<&str> = open_metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter"))
        .collect();
    let head = |line: &str| {
        let (mark, rest) = line.split_at_checked(7)?;
        let (name, words) = rest.split_once(' ')?;
        let is_head = mark == "# TYPE " || mark == "# HELP ";
        (is_head && counters.contains(&name)).then(|| format!("{mark}{name}_total {words}\n"))
    };
    open_metrics
        .lines()
        .filter(|line| *line != "# EOF")
        .map(|line| head(line).unwrap_or_else(|| format!("{line}\n")))
        .collect()
}
