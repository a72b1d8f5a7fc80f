//! What is done to an application, whoever does it: opening its newest revision, moving it, correcting it.

use std::sync::Arc;

use application::{Application, ValueSet};
use cloud_store::Index;
use cloud_store::audit::{Actor, AuditEvent, AuditRecord};
use cloud_store::{ApplicationRow, Realm, Revision, StatusChange, StoreError};
use jiff::Timestamp;
use kiosk_api::{ApplicationId, Entropy, KioskId, Problem, ProblemCode, SealedApplication};
use serde_json::json;

use super::correct::Correction;
use super::index::index;
use super::named::named;
use super::names::NameKey;
use super::open::open;
use crate::cloud::Cloud;
use crate::labels::Label;
use crate::refusal::Refusal;
use crate::tenant::Tenant;
use crate::webhooks::{self, Event, EventType};

/// What a machine gets of an application that is held back; not why.
pub(crate) const HELD: &str = "held: staff look at it first";
/// Applications of one question to the store, when old ones get their index.
const AT_ONCE: i64 = 200;

/// An application as it came and as it is now.
pub struct Opened {
    /// Its row.
    pub row: ApplicationRow,
    /// As the kiosk sent it.
    pub came: Application,
    /// With the corrections of staff.
    pub now: Application,
}

fn unsealed(tenant: &Tenant, envelope: &[u8]) -> Result<Application, Refusal> {
    let sealed: SealedApplication =
        serde_json::from_slice(envelope).map_err(|_| ProblemCode::Internal)?;
    open(tenant, &sealed)
}

impl Cloud {
    /// Opens an application of a town.
    ///
    /// # Errors
    /// `not_found`; `envelope_refused` when the town's key has changed; `record_altered` when somebody else than this program
    /// wrote it.
    pub async fn opened(&self, tenant: &Tenant, id: ApplicationId) -> Result<Opened, Refusal> {
        let found = self.store.application(&tenant.code, id).await?;
        let (row, envelope) = found.ok_or(ProblemCode::NotFound)?;
        if row.altered {
            return Err(StoreError::Altered(id).into());
        }
        let came = unsealed(tenant, &envelope)?;
        let now = match self.store.revision(&tenant.code, &row).await? {
            Some(envelope) => unsealed(tenant, &envelope)?,
            None => came.clone(),
        };
        Ok(Opened { row, came, now })
    }

    /// Opens an application for somebody; what is found altered then is noted in the trail.
    ///
    /// # Errors
    /// As [`Cloud::opened`].
    pub async fn opened_for(
        &self,
        actor: Actor,
        tenant: &Tenant,
        id: ApplicationId,
    ) -> Result<Opened, Refusal> {
        let opened = self.opened(tenant, id).await;
        if let Err(Refusal(problem)) = &opened
            && problem.code == ProblemCode::RecordAltered
        {
            let record = AuditRecord::new(self.clock.now(), actor, AuditEvent::AlterationFound);
            let realm = Realm::from(&tenant.code);
            self.store.record(&realm, &record.about(id)).await?;
        }
        opened
    }

    /// The values of a list's applications as they are now, opened together and away from the tasks that answer others.
    ///
    /// # Errors
    /// The store; `envelope_refused` when the town's key has changed.
    pub async fn values_of(
        &self,
        tenant: &Arc<Tenant>,
        ids: &[ApplicationId],
    ) -> Result<Vec<(ApplicationId, ValueSet)>, Refusal> {
        let envelopes = self.store.newest_envelopes(&tenant.code, ids).await?;
        let tenant = tenant.clone();
        let open = move || {
            let opened = envelopes.iter().map(|(id, envelope)| {
                let sealed: SealedApplication =
                    serde_json::from_slice(envelope).map_err(|_| ProblemCode::Internal)?;
                let values = sealed.open_values(&tenant.sealing_key);
                Ok((*id, values.map_err(|_| ProblemCode::EnvelopeRefused)?))
            });
            opened.collect()
        };
        let opened = tokio::task::spawn_blocking(open).await;
        opened.map_err(|_| ProblemCode::Internal)?
    }

    /// Gives applications that an older program stored what they are listed and found by. One that does not open any more
    /// (the town's key has changed) is left as it is, with a line in the log.
    ///
    /// # Errors
    /// The store.
    pub async fn index_old(&self, tenant: &Tenant) -> Result<usize, Refusal> {
        let (key, mut done) = (NameKey::of(&tenant.key())?, 0);
        loop {
            let old = self.store.not_indexed(&tenant.code, AT_ONCE).await?;
            let mut closed = 0;
            for (id, received_at, envelope) in &old {
                let found = match unsealed(tenant, envelope) {
                    Ok(application) => index(&application, &[], &key),
                    Err(_) => {
                        closed += 1;
                        tracing::warn!(tenant = %tenant.code, application = %id, "does not open: it is not found by name");
                        Index::default()
                    }
                };
                self.store
                    .keep_index(&tenant.code, *id, *received_at, &found)
                    .await?;
            }
            if old.is_empty() {
                return Ok(done);
            }
            done += old.len() - closed;
        }
    }

    /// Changes an application's status and sends it to the town's webhooks.
    ///
    /// # Errors
    /// `not_found`; `taken_by_other` or `state_conflict`, and nothing is done.
    pub async fn change_status(
        &self,
        tenant: &Tenant,
        id: ApplicationId,
        change: &StatusChange<'_>,
        actor: Actor,
    ) -> Result<(), Refusal> {
        let record = AuditRecord::new(change.now, actor, AuditEvent::StateChanged)
            .about(id)
            .with(json!({
                "from": change.from.as_str(), "to": change.to.as_str(), "reason": change.reason,
            }));
        let found = self.store.application(&tenant.code, id).await?;
        let (row, _) = found.ok_or(ProblemCode::NotFound)?;
        let delivery = EventType::of(change.to).and_then(|kind| {
            let event = Event {
                kind,
                application: id,
                reception: &row.reception,
                at: change.now,
            };
            webhooks::new_delivery(tenant, &event)
        });
        if self
            .store
            .change_status(&tenant.code, id, change, &record, delivery.as_ref())
            .await?
        {
            return Ok(());
        }
        let now = self.store.application(&tenant.code, id).await?;
        Err(refused(&now.ok_or(ProblemCode::NotFound)?.0, change))
    }

    /// Corrects one value as the clerk who has claimed the application; gives whether anything changed.
    ///
    /// # Errors
    /// `invalid_document` with the word of what is wrong; `state_conflict` when somebody corrected meanwhile or the clerk no
    /// longer has it.
    pub async fn correct(
        &self,
        tenant: &Tenant,
        id: ApplicationId,
        staff: &str,
        correction: &Correction<'_>,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let mut opened = self.opened(tenant, id).await?;
        let eras = tenant.eras();
        let (before, earlier) = (named(&opened.now, &eras), opened.now.clone());
        let forms = tenant
            .forms_of(&opened.now, opened.row.received_at)?
            .clone();
        let changed = correction
            .apply(&mut opened.now, &forms.value)
            .map_err(|problem| {
                Problem::new(ProblemCode::InvalidDocument)
                    .detail(problem.key)
                    .at(correction.key)
            })?;
        if !changed {
            return Ok(false);
        }
        let envelope = sealed(tenant, &opened.row.kiosk, id, &opened.now)?;
        let key = NameKey::of(&tenant.key())?;
        let index = index(&opened.now, &[&opened.came, &earlier], &key);
        let record = AuditRecord::new(now, Actor::Staff(staff.to_owned()), AuditEvent::Corrected)
            .about(id)
            .with(json!({ "key": correction.key, "revision": opened.row.revision + 1 }));
        let revision = Revision {
            staff,
            before: opened.row.revision,
            envelope: &envelope,
            index: &index,
            names_changed: named(&opened.now, &eras) != before,
            now,
        };
        if self
            .store
            .revise(&tenant.code, id, &revision, &record)
            .await?
        {
            Ok(true)
        } else {
            Err(ProblemCode::StateConflict.into())
        }
    }
}

/// Why a move was not made.
fn refused(row: &ApplicationRow, change: &StatusChange<'_>) -> Refusal {
    let held = row.claim.as_ref().filter(|(_, until)| *until > change.now);
    let by_other = held.is_some_and(|(staff, _)| Some(staff.as_str()) != change.claimed_by);
    if row.status == change.from && by_other {
        return ProblemCode::TakenByOther.into();
    }
    if row.status == change.from && change.claimed_by.is_none() && row.protection.holds_back() {
        return Problem::new(ProblemCode::StateConflict).detail(HELD).into();
    }
    let detail = format!("現在の状態：{}", row.status.japanese());
    Problem::new(ProblemCode::StateConflict)
        .detail(detail)
        .into()
}

fn sealed(
    tenant: &Tenant,
    kiosk: &KioskId,
    id: ApplicationId,
    application: &Application,
) -> Result<Vec<u8>, Refusal> {
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| ProblemCode::Internal)?;
    let key = tenant.sealing_key.public();
    let sealed = SealedApplication::seal(
        application,
        tenant.code.clone(),
        kiosk.clone(),
        id,
        (&tenant.sealing_key_id, &key),
        Entropy::new(seed),
    )
    .map_err(|_| ProblemCode::Internal)?;
    Ok(serde_json::to_vec(&sealed).map_err(|_| ProblemCode::Internal)?)
}
