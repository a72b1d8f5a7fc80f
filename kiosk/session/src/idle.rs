//! Quiet: warns, extends, wipes. Work under way is never cut off silently; it ends in a page of its own.

use jiff::{Timestamp, ToSpan};

use crate::card::Trouble;
use crate::effect::{HouseholdProblem, PrintProblem};
use crate::place::{Place, Work};
use crate::session::{Cover, Session};

/// How long nobody did anything, and how long the world has been working.
pub(crate) struct Quiet {
    since: Timestamp,
    working_since: Timestamp,
}

impl Quiet {
    pub(crate) fn since(now: Timestamp) -> Self {
        Self {
            since: now,
            working_since: now,
        }
    }

    /// Somebody did something.
    pub(crate) fn broken(&mut self, now: Timestamp) {
        self.since = now;
    }

    /// The world began or finished a piece of work; the resident could do nothing meanwhile.
    pub(crate) fn worked(&mut self, now: Timestamp) {
        self.since = now;
        self.working_since = now;
    }

    fn seconds(&self, now: Timestamp) -> i64 {
        now.as_second() - self.since.as_second()
    }

    fn working_seconds(&self, now: Timestamp) -> i64 {
        now.as_second() - self.working_since.as_second()
    }

    /// A clock that was set back must not make the wait longer than it is.
    fn mend(&mut self, now: Timestamp) {
        self.since = self.since.min(now);
        self.working_since = self.working_since.min(now);
    }
}

impl Session {
    pub(crate) fn ticked(&mut self) {
        self.quiet.mend(self.now);
        match (&self.place, self.over) {
            (Place::Leave(_), _) => self.leave_ticked(),
            (Place::Welcome, _) => self.welcome_ticked(),
            (_, Some(Cover::Idle { until })) if self.now >= until => self.forget(),
            (_, Some(Cover::Idle { until })) => {
                let grace = i64::from(self.town.policy.grace);
                self.over = Some(Cover::Idle {
                    until: until.min(self.after(grace)),
                });
            }
            (place, over) => match place.work().filter(|_| self.is_waiting()) {
                Some(work) => self.work_ticked(work),
                None => self.quiet_ticked(over),
            },
        }
    }

    fn quiet_ticked(&mut self, over: Option<Cover>) {
        let policy = self.town.policy;
        let most = if over == Some(Cover::StaffCalled) {
            policy.staff_after
        } else {
            policy.warn_after
        };
        if self.quiet.seconds(self.now) >= i64::from(most) {
            self.over = Some(Cover::Idle {
                until: self.after(i64::from(policy.grace)),
            });
        }
    }

    /// A resident who only chose a language and left: the next one finds the first language again.
    fn welcome_ticked(&mut self) {
        if self.quiet.seconds(self.now) >= i64::from(self.town.policy.warn_after) {
            self.look = crate::look::Look::fresh(&self.town.languages);
            self.quiet.broken(self.now);
        }
    }

    fn work_ticked(&mut self, work: Work) {
        let policy = self.town.policy;
        let most = if work == Work::Printing {
            policy.print_patience
        } else {
            policy.patience
        };
        if self.quiet.working_seconds(self.now) >= i64::from(most) {
            self.give_up();
            self.quiet.broken(self.now);
            self.gave_up_waiting();
        }
    }

    /// No answer in time, or one that makes no sense: the page that says so, with what to do now.
    pub(crate) fn gave_up_waiting(&mut self) {
        match self.place.work() {
            Some(Work::Card(purpose)) => self.card_trouble(purpose, Trouble::Silent),
            Some(Work::Household) => self.household_missing(HouseholdProblem::Offline),
            Some(Work::Storing) => self.store_failed(),
            Some(Work::Printing) => self.print_failed(PrintProblem::Offline),
            None => self.preview_failed(),
        }
    }

    fn after(&self, seconds: i64) -> Timestamp {
        self.now
            .checked_add(seconds.seconds())
            .unwrap_or(Timestamp::MAX)
    }
}
