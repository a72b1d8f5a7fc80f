//! A body that did not arrive in time: whatever the handler made of its end, the client gets 408.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kiosk_api::ProblemCode;

use crate::refusal::Refusal;

/// Whether the body of a request was too late; stands beside the request.
#[derive(Clone, Default)]
pub(crate) struct LateBody(Arc<AtomicBool>);

impl LateBody {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_late(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Says 408 for a body that was too late; the connection ends with it.
pub(crate) async fn refuse_late(request: Request, next: Next) -> Response {
    let late = request.extensions().get::<LateBody>().cloned();
    let response = next.run(request).await;
    if !late.is_some_and(|late| late.is_late()) {
        return response;
    }
    let mut response = Refusal::from(ProblemCode::TooSlow).into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}
