//! Opening a sealed application with the town's key.

use application::Application;
use kiosk_api::{EnvelopeError, Problem, ProblemCode, SealedApplication};

use crate::refusal::Refusal;
use crate::tenant::Tenant;

/// Opens an envelope, naming the reason in the log and, where it helps a technician, to the kiosk.
pub(crate) fn open(tenant: &Tenant, sealed: &SealedApplication) -> Result<Application, Refusal> {
    let problem =
        |detail: String| Refusal::from(Problem::new(ProblemCode::EnvelopeRefused).detail(detail));
    if sealed.key_id != tenant.sealing_key_id {
        return Err(problem(format!(
            "sealed to key {:?}, the town has {:?}",
            sealed.key_id, tenant.sealing_key_id
        )));
    }
    let opened = sealed
        .open(&tenant.sealing_key)
        .map_err(|error: EnvelopeError| problem(error.to_string()))?;
    if opened
        .reception
        .as_deref()
        .is_none_or(|number| application::parse_reception(number).is_err())
    {
        return Err(problem(
            "no reception number, or one whose check digit is wrong".to_owned(),
        ));
    }
    // Which life events there are depends on the edition that the kiosk had.
    if !guidance::is_event_id(&opened.event) {
        return Err(problem("an unknown life event".to_owned()));
    }
    Ok(opened)
}
