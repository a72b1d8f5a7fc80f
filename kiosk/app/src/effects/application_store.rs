//! Storing an application: a reception number, the seal, the outbox. The resident gets the number only after the disk has
//! answered.

use std::sync::Arc;

use application::Application;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::Date;
use kiosk_api::{
    ApplicationId, Entropy, EnvelopeError, KioskId, SealedApplication, TenantCode, TenantPublicKey,
};
use thiserror::Error;
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use crate::cloud::to_wire;
use crate::outbox::{Queue, QueueError};
use crate::reception_counter::ReceptionCounterError;
use crate::sealing_key::SealingKeyInUse;

/// Why an application was not stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No reception number could be used up.
    #[error(transparent)]
    Reception(#[from] ReceptionCounterError),
    /// The seal failed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// No randomness from the system.
    #[error("the system's random generator failed")]
    Random,
    /// The outbox did not take it.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The two numbers of a stored application.
pub struct Stored {
    /// For the cloud.
    pub id: Uuid,
    /// For people, for example `03-260427-0015-4`.
    pub reception: String,
}

/// Returns the next reception number of a day; it is used up durably before it is returned.
pub type Numbers = Box<dyn FnMut(Date) -> Result<String, ReceptionCounterError>>;

/// Numbers, seals and stores applications. On a thread of its own, because the disk may be slow.
pub struct ApplicationStore {
    numbers: Numbers,
    queue: Arc<dyn Queue>,
    sealing_key: Arc<SealingKeyInUse>,
    tenant: TenantCode,
    kiosk: KioskId,
    /// The last attempt of the present visit, so that trying again is the same application with the same number.
    attempt: Option<Attempt>,
}

struct Attempt {
    visit: u64,
    content: [u8; 32],
    id: Uuid,
    reception: String,
}

impl ApplicationStore {
    /// A store that no visit has used yet.
    #[must_use]
    pub fn new(
        numbers: Numbers,
        queue: Arc<dyn Queue>,
        sealing_key: Arc<SealingKeyInUse>,
        tenant: TenantCode,
        kiosk: KioskId,
    ) -> Self {
        Self {
            numbers,
            queue,
            sealing_key,
            tenant,
            kiosk,
            attempt: None,
        }
    }

    /// Stores durably and returns the reception number. The same content again in the same visit, after a failure or an
    /// answer that came too late, is the same application with the same number.
    ///
    /// # Errors
    /// [`StoreError`]; nothing may be printed then.
    pub fn store(
        &mut self,
        visit: u64,
        application: &Application,
        today: Date,
    ) -> Result<Stored, StoreError> {
        let Stored { id, reception } = self.number(visit, fingerprint(application), today)?;
        let mut application = application.clone();
        application.id = id.to_string();
        application.reception = Some(reception.clone());
        let sealed = self.seal(&application, id);
        wipe(&mut application);
        self.queue.enqueue(id, &to_wire(&sealed?))?;
        Ok(Stored { id, reception })
    }

    /// Ends the visit: the next one gets a number of its own.
    pub fn forget(&mut self) {
        self.attempt = None;
    }

    fn number(&mut self, visit: u64, content: [u8; 32], today: Date) -> Result<Stored, StoreError> {
        match &self.attempt {
            Some(attempt) if attempt.visit == visit && attempt.content == content => Ok(Stored {
                id: attempt.id,
                reception: attempt.reception.clone(),
            }),
            _ => {
                let reception = (self.numbers)(today)?;
                let id = Uuid::now_v7();
                self.attempt = Some(Attempt {
                    visit,
                    content,
                    id,
                    reception: reception.clone(),
                });
                Ok(Stored { id, reception })
            }
        }
    }

    fn seal(&self, application: &Application, id: Uuid) -> Result<SealedApplication, StoreError> {
        let key = self.sealing_key.get();
        let public = TenantPublicKey::from_bytes(&key.public_key.0)?;
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| StoreError::Random)?;
        let (tenant, kiosk) = (self.tenant.clone(), self.kiosk.clone());
        let entropy = Entropy::new(seed);
        Ok(SealedApplication::seal(
            application,
            tenant,
            kiosk,
            ApplicationId(id),
            (&key.key_id, &public),
            entropy,
        )?)
    }
}

fn fingerprint(application: &Application) -> [u8; 32] {
    let bytes = Zeroizing::new(serde_json::to_vec(application).unwrap_or_default());
    let hash = digest(&SHA256, &bytes);
    std::array::from_fn(|i| hash.as_ref()[i])
}

fn wipe(application: &mut Application) {
    application
        .values
        .0
        .values_mut()
        .for_each(|value| value.text.zeroize());
}
