//! Storing: a reception number, the seal, the outbox. Only when the disk has answered does the resident get the number.

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
use crate::cloud::upkeep::SealingKeyInUse;
use crate::outbox::{Queue, QueueError};
use crate::reception::ReceptionError;

/// Why an application was not stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No number.
    #[error(transparent)]
    Reception(#[from] ReceptionError),
    /// Not sealed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// No randomness from the system.
    #[error("the system's random generator failed")]
    Random,
    /// Not written.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// What a stored application is known by.
pub struct Stored {
    /// To the cloud.
    pub id: Uuid,
    /// To people.
    pub reception: String,
}

/// Gives the next reception number of a day, used up durably.
pub type Numbers = Box<dyn FnMut(Date) -> Result<String, ReceptionError>>;

/// What storing needs. On a thread of its own, because the disk may be slow.
pub struct StoreDesk {
    numbers: Numbers,
    queue: Arc<dyn Queue>,
    sealing_key: Arc<SealingKeyInUse>,
    tenant: TenantCode,
    kiosk: KioskId,
    /// What was begun for the present visit, so that trying again is the same application with the same number.
    begun: Option<Begun>,
}

struct Begun {
    visit: u64,
    content: [u8; 32],
    id: Uuid,
    reception: String,
}

impl StoreDesk {
    /// A desk with nothing begun: numbers, outbox, whom to seal for, and who seals.
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
            begun: None,
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
        let Stored { id, reception } = self.begin(visit, fingerprint(application), today)?;
        let mut application = application.clone();
        application.id = id.to_string();
        application.reception = Some(reception.clone());
        let sealed = self.seal(&application, id);
        wipe(&mut application);
        self.queue.enqueue(id, &to_wire(&sealed?))?;
        Ok(Stored { id, reception })
    }

    /// The visit is over: what was begun for it is not the next one's.
    pub fn forget(&mut self) {
        self.begun = None;
    }

    fn begin(&mut self, visit: u64, content: [u8; 32], today: Date) -> Result<Stored, StoreError> {
        match &self.begun {
            Some(begun) if begun.visit == visit && begun.content == content => Ok(Stored {
                id: begun.id,
                reception: begun.reception.clone(),
            }),
            _ => {
                let reception = (self.numbers)(today)?;
                let id = Uuid::now_v7();
                self.begun = Some(Begun {
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
