//! Problem documents as HTTP answers, and JSON bodies as arguments.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloud_store::StoreError;
use kiosk_api::{LARGEST_BODY, Problem, ProblemCode};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// A request that is answered with a problem document.
pub struct Refusal(pub Box<Problem>);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl From<ProblemCode> for Refusal {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        match error {
            StoreError::Busy | StoreError::Locked | StoreError::Closed => ProblemCode::Busy.into(),
            StoreError::Altered(_) | StoreError::AlteredAccount { .. } => {
                ProblemCode::RecordAltered.into()
            }
            _ => ProblemCode::Internal.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response()
    }
}

/// The bytes of a JSON body; wiped when dropped.
pub struct JsonBytes(pub Zeroizing<Vec<u8>>);

impl<S: Send + Sync> FromRequest<S> for JsonBytes {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(ProblemCode::WrongContentType.into());
        }
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > LARGEST_BODY as u64) {
            return Err(ProblemCode::TooLarge.into());
        }
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemCode::TooLarge),
                    _ => Problem::new(ProblemCode::MalformedRequest).detail("the body broke off"),
                })?;
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// A JSON body of a known shape.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let JsonBytes(bytes) = JsonBytes::from_request(request, state).await?;
        // Only the position goes back: serde's own text may repeat a value, and a value may be a name.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => "a key or value is not as agreed",
                _ => "not JSON",
            };
            let detail = format!("{what} at line {} column {}", error.line(), error.column());
            Problem::new(ProblemCode::MalformedRequest)
                .detail(detail)
                .into()
        })
    }
}

/// What stands behind the `?`, of a known shape.
pub struct InQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        // The rejection's text may repeat a value.
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(_) => Err(Problem::new(ProblemCode::MalformedRequest)
                .detail("the query is not as agreed")
                .into()),
        }
    }
}
