//! Effects of the session, carried out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::Application;
use jiff::civil::Date;
use kiosk_api::EventKind;
use session::effect::{Ask, CardProblem, Effect, PrintProblem, Reply, Request, StaffReason};
use zeroize::Zeroizing;

use super::answer::{Answer, OpenAsks};
use super::card_service::{CardService, NONCE_WAIT};
use super::print::{self, PrintFormat};
use super::{ApplicationStore, DrawError, Drawing, Parts, Stored, household, staff_call};
use crate::loop_event::EventSender;

/// Carries effects out: one method for each request, each on a worker of its own, none on the screen's thread.
pub struct EffectRunner {
    parts: Parts,
    open: OpenAsks,
    events: EventSender,
}

impl EffectRunner {
    /// Runs effects on these parts; answers go to `events`.
    #[must_use]
    pub fn new(parts: Parts, events: EventSender) -> Self {
        Self {
            parts,
            open: OpenAsks::default(),
            events,
        }
    }

    /// Starts one effect and returns at once.
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

    /// Ends every part with the program: everything is forgotten, what was started for a resident is finished or withdrawn.
    /// Returns after `CLOSING` at the latest, with whether every part ended in time.
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
        let answer = Answer::to(ask, &request, self.events.clone(), &self.open);
        match request {
            Request::CardTries => self.parts.card.run(|card| answer.give(card.tries())),
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
            Request::Reopen { pin } => self.reopen(answer, pin),
        }
    }

    fn read_card(&self, answer: Answer, pin: Zeroizing<String>) {
        let (cloud, runtime, health) = (
            self.parts.cloud.clone(),
            self.parts.runtime.clone(),
            self.parts.health.clone(),
        );
        self.parts.card.run(move |card| {
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
            if !answer.is_awaited() {
                return answer.give(Reply::CardFailed(CardProblem::Removed));
            }
            let reply = card.read(&pin, nonce.as_ref());
            health.count(match reply {
                Reply::CardRead(_) => EventKind::CardRead,
                _ => EventKind::CardFailed,
            });
            answer.give(reply);
        });
    }

    fn household(&self, answer: Answer, today: Date) {
        let (cloud, runtime) = (self.parts.cloud.clone(), self.parts.runtime.clone());
        self.parts.card.run(move |card| {
            let proof = card.take_proof();
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
            if answer.is_awaited() {
                let reply = drawing.preview(&application, form, page);
                drop(application);
                answer.give(reply);
            } else {
                answer.give(Reply::PreviewFailed);
            }
        });
    }

    fn store(&self, answer: Answer, application: Arc<Application>, today: Date) {
        let (stored, health) = (Arc::clone(&self.parts.stored), self.parts.health.clone());
        let drawing = Arc::clone(&self.parts.drawing);
        self.parts.store.run(move |card| {
            let result = card.store(answer.visit(), &application, today);
            // Given back before the answer: the session then holds the only copy, and can wipe it.
            drop(application);
            match result {
                Ok(Stored { id, reception }) => {
                    // Before the answer: the first paper is asked for after it.
                    drawing.run(move |drawing| drawing.stored(id.to_string()));
                    stored.notify_one();
                    health.count(EventKind::VisitFinished);
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
        self.print_page(answer, application, move |drawing, application, format| {
            drawing.form(application, form, format)
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
        draw: impl FnOnce(&Drawing, &Application, PrintFormat) -> Result<Vec<u8>, DrawError>
        + Send
        + 'static,
    ) {
        let (printer, drawing, health) = (
            Arc::clone(&self.parts.form_printer),
            Arc::clone(&self.parts.drawing),
            self.parts.health.clone(),
        );
        let printing = Arc::clone(&printer);
        printer.run(move |printer| {
            let format = match print::choose_format(printer.as_mut()) {
                Ok(format) => format,
                Err(problem) => {
                    drop(application);
                    health.printed_form(Err(problem));
                    return answer.give(Reply::PrintFailed(problem));
                }
            };
            drawing.run(move |drawing| {
                let name = application.reception.clone().unwrap_or_default();
                let document = draw(drawing, &application, format);
                drop(application);
                let document = match document {
                    Ok(document) => document,
                    Err(error) => return not_drawn(answer, &error),
                };
                printing.run(move |printer| {
                    if !answer.is_awaited() {
                        return nobody_waits(answer);
                    }
                    let printer = printer.as_mut();
                    let printed = print::form(printer, &document, format.document, &name, &answer);
                    health.printed_form(printed);
                    answer.give(printed.map_or_else(Reply::PrintFailed, |()| Reply::Printed));
                });
            });
        });
    }

    fn print_receipt(&self, answer: Answer, application: Arc<Application>) {
        let (printer, health) = (
            Arc::clone(&self.parts.receipt_printer),
            self.parts.health.clone(),
        );
        self.parts.drawing.run(move |drawing| {
            let job = drawing.receipt(&application);
            drop(application);
            let job = match job {
                Ok(job) => job,
                Err(error) => return not_drawn(answer, &error),
            };
            printer.run(move |printer| {
                if !answer.is_awaited() {
                    return nobody_waits(answer);
                }
                let printed = print::receipt(printer.as_mut(), &job);
                health.printed_receipt(printed);
                answer.give(printed.map_or_else(Reply::PrintFailed, |()| Reply::Printed));
            });
        });
    }

    /// Comparing the number takes a good part of a second, by design.
    fn reopen(&self, answer: Answer, pin: Zeroizing<String>) {
        let housing = self.parts.housing.clone();
        self.parts
            .runtime
            .spawn_blocking(move || answer.give(housing.reopen(&pin)));
    }

    fn call_staff(&self, reason: StaffReason) {
        tracing::info!(kind = "staff-wanted", ?reason);
        let (runtime, cloud) = (&self.parts.runtime, self.parts.cloud.clone());
        if reason == StaffReason::Housing {
            runtime.spawn(staff_call::call_to_housing(
                cloud,
                self.parts.housing.clone(),
            ));
        } else {
            runtime.spawn(staff_call::call(cloud, reason));
        }
    }

    /// Ends the visit: every part forgets it, and jobs still queued for it find that nobody waits for their answer.
    fn forget(&self) {
        self.open.drop_all();
        self.parts.card.run(CardService::forget);
        self.parts.drawing.run(Drawing::forget);
        self.parts.store.run(ApplicationStore::forget);
    }
}

/// The visit has ended before the printer was free: no paper comes out for somebody else.
fn nobody_waits(answer: Answer) {
    answer.give(Reply::PrintFailed(PrintProblem::Fault));
}

fn not_drawn(answer: Answer, error: &DrawError) {
    tracing::error!(kind = "not-drawn", reason = error.for_log());
    answer.give(Reply::PrintFailed(PrintProblem::Fault));
}

/// A job on a part that takes longer than this counts as hung, and a new thread takes over.
pub const JOB_LIMIT: Duration = Duration::from_secs(200);

/// How long the parts may take to end with the program; longer than the longest wait for one answer of a card or printer.
const CLOSING: Duration = Duration::from_secs(8);
