//! The household: the login proof goes to the cloud, the facts come back.

use guidance::Facts;
use jiff::civil::Date;
use kiosk_api::{HouseholdReply, LoginProof, ProblemCode, Revocation};
use serde_json::{Value, json};
use session::effect::{Household, HouseholdProblem, Reply};

use crate::cloud::{Cloud, CloudError};

/// Asks the cloud. Without a proof there is nothing to ask for.
pub(super) async fn household(cloud: &Cloud, proof: Option<LoginProof>, today: Date) -> Reply {
    let Some(proof) = proof else {
        return Reply::NoHousehold(HouseholdProblem::Offline);
    };
    match cloud.household(&proof).await {
        Ok(reply) => reading(reply, today),
        Err(error) => Reply::NoHousehold(problem(error)),
    }
}

fn reading(reply: HouseholdReply, today: Date) -> Reply {
    match facts(reply.facts.0, today) {
        Ok(facts) => Reply::Household(Box::new(Household {
            facts,
            values: reply.values,
            revocation_checked: reply.verification.revocation == Revocation::Checked,
        })),
        Err(error) => {
            // The path only: the reason may repeat a value.
            tracing::error!(kind = "household-malformed", path = error.path);
            Reply::NoHousehold(HouseholdProblem::CoreDown)
        }
    }
}

/// The cloud sends persons and household; an interchange document also has an event, which the resident chooses here and
/// the session keeps. The one put in is dropped again.
fn facts(mut document: Value, today: Date) -> Result<Facts, guidance::FactError> {
    if let Some(document) = document.as_object_mut() {
        document
            .entry("event")
            .or_insert_with(|| json!({ "kind": "certificate" }));
        document
            .entry("as_of")
            .or_insert_with(|| json!(today.to_string()));
    }
    Facts::from_value(&document)
}

fn problem(error: CloudError) -> HouseholdProblem {
    match error {
        CloudError::Refused(code) => match code {
            ProblemCode::NoMatch => HouseholdProblem::NoMatch,
            ProblemCode::SeveralMatch => HouseholdProblem::Several,
            ProblemCode::CardUnverified => HouseholdProblem::Unverified,
            ProblemCode::CertificateExpired => HouseholdProblem::Expired,
            ProblemCode::CertificateRevoked => HouseholdProblem::Revoked,
            ProblemCode::LoginRefused
            | ProblemCode::NonceUnknown
            | ProblemCode::NonceExpired
            | ProblemCode::NonceUsed => HouseholdProblem::Refused,
            ProblemCode::CoreUnreachable | ProblemCode::CoreSlow | ProblemCode::CoreWrongAnswer => {
                HouseholdProblem::CoreDown
            }
            _ => HouseholdProblem::Offline,
        },
        CloudError::Malformed(_) => HouseholdProblem::CoreDown,
        CloudError::Unreachable | CloudError::TooLarge => HouseholdProblem::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_document_without_event_is_read() {
        let document = json!({ "as_of": "2026-04-27", "household": {}, "persons": [{ "id": "A", "birth_date": "1990-01-02" }] });
        let facts = facts(document, date(2026, 4, 27)).unwrap();
        assert_eq!(facts.persons().collect::<Vec<_>>(), ["A"]);
        assert!(super::facts(json!([]), date(2026, 4, 27)).is_err());
    }

    #[test]
    fn each_refusal_leads_to_its_page() {
        for (code, page) in [
            (ProblemCode::NoMatch, HouseholdProblem::NoMatch),
            (ProblemCode::SeveralMatch, HouseholdProblem::Several),
            (ProblemCode::CertificateExpired, HouseholdProblem::Expired),
            (ProblemCode::CertificateRevoked, HouseholdProblem::Revoked),
            (ProblemCode::NonceUsed, HouseholdProblem::Refused),
            (ProblemCode::CardUnverified, HouseholdProblem::Unverified),
            (ProblemCode::CoreSlow, HouseholdProblem::CoreDown),
            (ProblemCode::Internal, HouseholdProblem::Offline),
        ] {
            assert_eq!(problem(CloudError::Refused(code)), page);
        }
        assert_eq!(problem(CloudError::Unreachable), HouseholdProblem::Offline);
    }
}
