//! What the session wants, done: one function for each request, each on a worker of its own, none on the screen's thread.

pub mod answer;
pub mod card;
mod draw;
mod household;
pub mod print;
mod receipt;
mod staff;
pub mod store;

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::Application;
use devices::form_printer::FormPrinter;
use devices::receipt_printer::ReceiptPrinter;
use jiff::civil::Date;
use kiosk_api::EventKind;
use session::effect::{
    Ask, CardProblem, Effect, Indication, PrintProblem, Reply, Request, StaffReason,
};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::cloud::Cloud;
use crate::lobby::Tell;
use crate::postal::PostalCodes;
use crate::vitals::Vitals;
use crate::worker::Worker;
use answer::{Answer, Open};
use card::{CardDesk, NONCE_WAIT};
pub use draw::{Designs, DrawError, Drawing};
use print::Wanted;
use store::{StoreDesk, Stored};

/// Every part that an effect may need.
pub struct Parts {
    /// The card reader.
    pub card: Worker<CardDesk>,
    /// The receipt printer.
    pub receipt_printer: Arc<Worker<Box<dyn ReceiptPrinter>>>,
    /// The A4 printer.
    pub form_printer: Arc<Worker<Box<dyn FormPrinter>>>,
    /// Reception numbers, seal and outbox.
    pub store: Worker<StoreDesk>,
    /// Forms and receipts as pictures and PDF.
    pub drawing: Arc<Worker<Drawing>>,
    /// Postal codes, where the table could be read.
    pub postal: Worker<Option<PostalCodes>>,
    /// The cloud.
    pub cloud: Cloud,
    /// Where the cloud is talked to.
    pub runtime: Handle,
    /// Told when something is in the outbox.
    pub stored: Arc<Notify>,
    /// The light ring.
    pub indicate: Box<dyn Fn(Indication) + Send>,
    /// What is counted and shown to staff.
    pub vitals: Arc<Vitals>,
}

/// Carries effects out.
pub struct Effects {
    parts: Parts,
    open: Open,
    tell: Tell,
}

impl Effects {
    /// Effects on these parts; answers go to `tell`.
    #[must_use]
    pub fn new(parts: Parts, tell: Tell) -> Self {
        Self {
            parts,
            open: Open::default(),
            tell,
        }
    }

    /// Begins one effect and returns at once.
    pub fn perform(&self, effect: Effect, today: Date) {
        match effect {
            Effect::Ask(ask, request) => self.ask(ask, request, today),
            Effect::Drop(ask) => self.open.drop_ask(ask),
            Effect::Indicate(indication) => (self.parts.indicate)(indication),
            Effect::CallStaff(reason) => self.call_staff(reason),
            Effect::Forget => self.forget(),
        }
    }

    /// The parts, for watchers.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The end of the program: everything is forgotten, what was begun for a resident is finished or withdrawn, and every
    /// part let go of, in `CLOSING` at the most. Whether all of it came to its end.
    #[must_use]
    pub fn close(&self) -> bool {
        let until = Instant::now() + CLOSING;
        self.forget();
        let parts = &self.parts;
        [
            parts.card.close(until),
            parts.store.close(until),
            // Drawing hands documents to the printers, so it goes first.
            parts.drawing.close(until),
            parts.form_printer.close(until),
            parts.receipt_printer.close(until),
            parts.postal.close(until),
        ]
        .into_iter()
        .all(|closed| closed)
    }

    fn ask(&self, ask: Ask, request: Request, today: Date) {
        let answer = Answer::to(ask, &request, self.tell.clone(), &self.open);
        match request {
            Request::CardTries => self.parts.card.run(|desk| answer.give(desk.tries())),
            Request::ReadCard { pin } => self.read_card(answer, pin),
            Request::Household => self.household(answer, today),
            Request::PostalCode(code) => self.postal_code(answer, code),
            Request::Preview {
                application,
                form,
                page,
            } => self.preview(answer, application, form, page),
            Request::Store(application) => self.store(answer, application, today),
            Request::PrintForm { application, form } => self.print_form(answer, application, form),
            Request::PrintPlan(application) => self.print_plan(answer, application),
            Request::PrintReceipt(application) => self.print_receipt(answer, application),
        }
    }

    fn read_card(&self, answer: Answer, pin: Zeroizing<String>) {
        let (cloud, runtime, vitals) = (
            self.parts.cloud.clone(),
            self.parts.runtime.clone(),
            self.parts.vitals.clone(),
        );
        self.parts.card.run(move |desk| {
            let nonce = runtime.block_on(async {
                if *cloud.online().borrow() == Some(false) {
                    return None;
                }
                tokio::time::timeout(NONCE_WAIT, cloud.nonce())
                    .await
                    .ok()?
                    .ok()
            });
            // The resident may have left while the cloud was asked: then no try is spent.
            if !answer.wanted() {
                return answer.give(Reply::CardFailed(CardProblem::Removed));
            }
            let reply = desk.read(&pin, nonce.as_ref());
            vitals.count(match reply {
                Reply::CardRead(_) => EventKind::CardRead,
                _ => EventKind::CardFailed,
            });
            answer.give(reply);
        });
    }

    fn household(&self, answer: Answer, today: Date) {
        let (cloud, runtime) = (self.parts.cloud.clone(), self.parts.runtime.clone());
        self.parts.card.run(move |desk| {
            let proof = desk.take_proof();
            runtime.spawn(async move {
                let reply = household::household(&cloud, proof, today).await;
                answer.give(reply);
            });
        });
    }

    fn postal_code(&self, answer: Answer, code: String) {
        self.parts.postal.run(move |codes| {
            let found = codes.as_ref().map(|codes| codes.find(&code));
            answer.give(Reply::Towns(match found {
                Some(Ok(towns)) => towns,
                Some(Err(error)) => {
                    tracing::error!(kind = "postal-codes", %error);
                    Vec::new()
                }
                None => Vec::new(),
            }));
        });
    }

    fn preview(&self, answer: Answer, application: Arc<Application>, form: usize, page: usize) {
        self.parts.drawing.run(move |drawing| {
            if answer.wanted() {
                let reply = drawing.preview(&application, form, page);
                drop(application);
                answer.give(reply);
            } else {
                answer.give(Reply::PreviewFailed);
            }
        });
    }

    fn store(&self, answer: Answer, application: Arc<Application>, today: Date) {
        let (stored, vitals) = (Arc::clone(&self.parts.stored), self.parts.vitals.clone());
        let drawing = Arc::clone(&self.parts.drawing);
        self.parts.store.run(move |desk| {
            let result = desk.store(answer.visit(), &application, today);
            // Given back before the answer: the session then holds the only copy, and can wipe it.
            drop(application);
            match result {
                Ok(Stored { id, reception }) => {
                    // Before the answer: the first paper is asked for after it.
                    drawing.run(move |drawing| drawing.stored(id.to_string()));
                    stored.notify_one();
                    vitals.count(EventKind::VisitFinished);
                    answer.give(Reply::Stored { reception });
                }
                Err(error) => {
                    tracing::error!(kind = "not-stored", %error);
                    answer.give(Reply::StoreFailed);
                }
            }
        });
    }

    fn print_form(&self, answer: Answer, application: Arc<Application>, form: usize) {
        self.print_page(answer, application, move |drawing, application, wanted| {
            drawing.form(application, form, wanted)
        });
    }

    fn print_plan(&self, answer: Answer, application: Arc<Application>) {
        self.print_page(answer, application, Drawing::plan_slip);
    }

    /// The printer says what it takes, the pages are drawn as that, the printer prints them: each on its own worker.
    fn print_page(
        &self,
        answer: Answer,
        application: Arc<Application>,
        draw: impl FnOnce(&Drawing, &Application, Wanted) -> Result<Vec<u8>, DrawError> + Send + 'static,
    ) {
        let (printer, drawing, vitals) = (
            Arc::clone(&self.parts.form_printer),
            Arc::clone(&self.parts.drawing),
            self.parts.vitals.clone(),
        );
        let then = Arc::clone(&printer);
        printer.run(move |printer| {
            let wanted = match print::wanted(printer.as_mut()) {
                Ok(wanted) => wanted,
                Err(problem) => {
                    drop(application);
                    vitals.printed_form(Err(problem));
                    return answer.give(Reply::PrintFailed(problem));
                }
            };
            drawing.run(move |drawing| {
                let name = application.reception.clone().unwrap_or_default();
                let document = draw(drawing, &application, wanted);
                drop(application);
                let document = match document {
                    Ok(document) => document,
                    Err(error) => return not_drawn(answer, &error),
                };
                then.run(move |printer| {
                    let (printer, format) = (printer.as_mut(), wanted.format);
                    let printed = print::form(printer, &document, format, &name, &answer);
                    vitals.printed_form(printed);
                    answer.give(printed.map_or_else(Reply::PrintFailed, |()| Reply::Printed));
                });
            });
        });
    }

    fn print_receipt(&self, answer: Answer, application: Arc<Application>) {
        let (printer, vitals) = (
            Arc::clone(&self.parts.receipt_printer),
            self.parts.vitals.clone(),
        );
        self.parts.drawing.run(move |drawing| {
            let job = drawing.receipt(&application);
            drop(application);
            let job = match job {
                Ok(job) => job,
                Err(error) => return not_drawn(answer, &error),
            };
            printer.run(move |printer| {
                let printed = print::receipt(printer.as_mut(), &job);
                vitals.printed_receipt(printed);
                answer.give(printed.map_or_else(Reply::PrintFailed, |()| Reply::Printed));
            });
        });
    }

    fn call_staff(&self, reason: StaffReason) {
        tracing::info!(kind = "staff-wanted", ?reason);
        self.parts
            .runtime
            .spawn(staff::call(self.parts.cloud.clone(), reason));
    }

    /// The visit is over. Every part forgets; what is still queued for it finds that nobody waits.
    fn forget(&self) {
        self.open.drop_all();
        self.parts.card.run(CardDesk::forget);
        self.parts.drawing.run(Drawing::forget);
        self.parts.store.run(StoreDesk::forget);
    }
}

fn not_drawn(answer: Answer, error: &DrawError) {
    tracing::error!(kind = "not-drawn", %error);
    answer.give(Reply::PrintFailed(PrintProblem::Fault));
}

/// A job on a part that takes longer than this counts as hung, and a new thread takes over.
pub const HUNG: Duration = Duration::from_secs(200);

/// How long the parts may take to end with the program; longer than the longest wait for one answer of a card or printer.
const CLOSING: Duration = Duration::from_secs(8);
